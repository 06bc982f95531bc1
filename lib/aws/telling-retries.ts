import { AdaptiveRetryStrategy } from '@smithy/core/retry';
import type { OnLongRetry } from '../app/ports.ts';
import { LONG_RETRY_MS } from '../pacing.ts';

type Refresh = AdaptiveRetryStrategy['refreshRetryTokenForRetry'];

/** The SDK's own adaptive strategy, which tells of the retries that people have to wait for, while they wait. */
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

  /** Resolves once the wait is over. */
  override async refreshRetryTokenForRetry(...[token, info]: Parameters<Refresh>): ReturnType<Refresh> {
    const timer = setTimeout(() => this.#onLongRetry(nameOf(info.error)), LONG_RETRY_MS);
    try {
      return await super.refreshRetryTokenForRetry(token, info);
    } finally {
      clearTimeout(timer);
    }
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'an error';
}
