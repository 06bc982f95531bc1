import type { STSClientConfig } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { OnLongRetry, Wait } from '../app/ports.ts';
import { AWS_ATTEMPTS, AWS_CONNECT_TIMEOUT_MS, AWS_REQUEST_TIMEOUT_MS, AWS_SOCKETS } from '../pacing.ts';
import { TellingRetryStrategy } from './telling-retries.ts';

/** What requests are signed with. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Absent: they do not expire. */
  readonly expiration?: Date;
}

/** Asked again by a client when the credentials that it has are about to expire. */
export type CredentialSource = () => Promise<Credentials>;

/** What all clients of AWS share. Everything else comes from the SDK's environment variables and credential chain. */
export interface AwsOptions {
  /** A profile of the shared configuration files; default `AWS_PROFILE`, as in the SDK. */
  readonly profile?: string | undefined;
  /** Default: what the SDK finds. */
  readonly credentials?: CredentialSource | undefined;
  /** The number of requests per call, including the first; default 10. */
  readonly maxAttempts?: number | undefined;
  /** A new strategy for each client, since its state is that client's. Default: the SDK's adaptive one. */
  readonly retryStrategy?: ((maxAttempts: number) => NonNullable<STSClientConfig['retryStrategy']>) | undefined;
  /** Is told of retries that take long. Not with a `retryStrategy`. */
  readonly onLongRetry?: OnLongRetry | undefined;
  /** Shared by clients, which must not be destroyed while another one uses it. Default: each has its own. */
  readonly requestHandler?: NodeHttpHandler | undefined;
  /**
   * The log group that queries run on, where the caller may query no other. Default: any that can be queried.
   * @example '/logseal/probe'
   */
  readonly queryGroup?: string | undefined;
  /** Waits between two reads of what takes time, for instance a query. Default: real time. */
  readonly wait?: Wait | undefined;
}

/**
 * The configuration of a client for one Region. Endpoints (`AWS_ENDPOINT_URL…`) and credentials are left to the SDK.
 * Retries are adaptive, because all programs in the account and Region share one rate limit.
 */
export function clientSettings(region: string, options: AwsOptions = {}) {
  const { profile, credentials, maxAttempts = AWS_ATTEMPTS, onLongRetry, requestHandler = REQUESTS } = options;
  const telling = onLongRetry && ((attempts: number) => new TellingRetryStrategy(attempts, onLongRetry));
  const { retryStrategy = telling } = options;
  return {
    region,
    ...(profile !== undefined && { profile }),
    ...(credentials && { credentials }),
    retryMode: 'adaptive',
    maxAttempts,
    ...(retryStrategy && { retryStrategy: retryStrategy(maxAttempts) }),
    // The middleware of a command is put together once and not for each call; nothing is added to a client in use.
    cacheMiddleware: true,
    requestHandler,
  };
}

const REQUESTS = {
  connectionTimeout: AWS_CONNECT_TIMEOUT_MS,
  requestTimeout: AWS_REQUEST_TIMEOUT_MS,
  // Without this the SDK only logs a warning and goes on waiting.
  throwOnRequestTimeout: true,
  httpAgent: { maxSockets: AWS_SOCKETS },
  httpsAgent: { maxSockets: AWS_SOCKETS },
};

/** For clients that share it, and so their connections. */
export function newRequestHandler(): NodeHttpHandler {
  return new NodeHttpHandler(REQUESTS);
}
