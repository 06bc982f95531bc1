import type { STSClientConfig } from '@aws-sdk/client-sts';
import type { Wait } from '../app/ports.ts';

/** What all clients of AWS have in common beyond the SDK's own environment variables and credential chain. */
export interface AwsOptions {
  /** A profile of the shared configuration files; default the SDK's, `AWS_PROFILE`. */
  readonly profile?: string | undefined;
  /** Requests for one call, the first included; default 10. */
  readonly maxAttempts?: number | undefined;
  /** A new strategy for each client, since its state is that client's. Default: the SDK's adaptive one. */
  readonly retryStrategy?: ((maxAttempts: number) => NonNullable<STSClientConfig['retryStrategy']>) | undefined;
  /** Waits between two reads of what takes time, for instance a query. Default: real time. */
  readonly wait?: Wait | undefined;
}

const MAX_ATTEMPTS = 10;
const CONNECTION_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** More than are ever under way: a request that waits for a socket uses up its connection timeout. */
const MAX_SOCKETS = 50;

/**
 * The configuration of a client of one Region. Endpoints (`AWS_ENDPOINT_URL…`) and credentials are left to the SDK.
 * Adaptive retries, since the rate is limited for each account and Region, whoever else uses it up.
 */
export function clientSettings(region: string, options: AwsOptions = {}) {
  const { profile, maxAttempts = MAX_ATTEMPTS, retryStrategy } = options;
  return {
    region,
    ...(profile !== undefined && { profile }),
    retryMode: 'adaptive',
    maxAttempts,
    ...(retryStrategy && { retryStrategy: retryStrategy(maxAttempts) }),
    // The middleware of a command is put together once and not for each call; nothing is added to a client in use.
    cacheMiddleware: true,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      // Without it the SDK only warns, and waits on.
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: MAX_SOCKETS },
      httpsAgent: { maxSockets: MAX_SOCKETS },
    },
  };
}
