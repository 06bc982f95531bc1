import { AWS_ATTEMPTS, AWS_CONNECT_TIMEOUT_MS, AWS_REQUEST_TIMEOUT_MS, AWS_SOCKETS } from '../pacing.ts';

/** What all clients of AWS have in common beyond the SDK's own environment variables and credential chain. */
export interface AwsOptions {
  /** A profile of the shared configuration files; default the SDK's, `AWS_PROFILE`. */
  readonly profile?: string | undefined;
  /** Requests for one call, the first included; default 10. */
  readonly maxAttempts?: number | undefined;
}

/**
 * The configuration of a client of one Region. Endpoints (`AWS_ENDPOINT_URL…`) and credentials are left to the SDK.
 * Adaptive retries, since the rate is limited for each account and Region, whoever else uses it up.
 */
export function clientSettings(region: string, { profile, maxAttempts = AWS_ATTEMPTS }: AwsOptions = {}) {
  return {
    region,
    ...(profile !== undefined && { profile }),
    retryMode: 'adaptive',
    maxAttempts,
    // The middleware of a command is put together once and not for each call; nothing is added to a client in use.
    cacheMiddleware: true,
    requestHandler: {
      connectionTimeout: AWS_CONNECT_TIMEOUT_MS,
      requestTimeout: AWS_REQUEST_TIMEOUT_MS,
      // Without it the SDK only warns, and waits on.
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: AWS_SOCKETS },
      httpsAgent: { maxSockets: AWS_SOCKETS },
    },
  };
}
