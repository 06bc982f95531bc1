import { AdaptiveRetryStrategy } from '@smithy/core/retry';

type Refresh = AdaptiveRetryStrategy['refreshRetryTokenForRetry'];

/** Is told what went wrong, and how long it takes until the call is tried again. */
export type OnLongRetry = (error: string, waitMs: number) => void;

/** Choice. Nobody notices a shorter wait. */
const LONG_MS = 2_000;

/** The SDK's own adaptive strategy, which tells of the retries that people have to wait for. */
export class TellingRetryStrategy extends AdaptiveRetryStrategy {
  readonly #onLongRetry: OnLongRetry;

  constructor(
    maxAttempts: number,
    onLongRetry: OnLongRetry,
    options?: ConstructorParameters<typeof AdaptiveRetryStrategy>[1],
  ) {
    super(maxAttempts, options);
    this.#onLongRetry = onLongRetry;
  }

  override async refreshRetryTokenForRetry(...[token, info]: Parameters<Refresh>): ReturnType<Refresh> {
    const next = await super.refreshRetryTokenForRetry(token, info);
    const waitMs = next.getRetryDelay();
    if (waitMs > LONG_MS) this.#onLongRetry(nameOf(info.error), waitMs);
    return next;
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'an error';
}
