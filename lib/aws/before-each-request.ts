import type { Client } from '@smithy/core/client';
import type { BeforeRequest } from '../app/ports.ts';

/** Makes one call. @throws what `beforeRequest` throws, and what `send` throws */
type GuardedCall = <T>(
  command: { readonly input: object },
  beforeRequest: BeforeRequest | undefined,
  send: () => Promise<T>,
) => Promise<T>;

/**
 * Between two requests of one call the SDK may wait for minutes: for the rate that it keeps to, and after each request that was
 * throttled. What is to be known right before a request is therefore asked here, after such waits.
 */
export function beforeEachRequest<Input extends object>({
  middlewareStack,
}: Pick<Client<never, Input, { readonly $metadata: object }, never>, 'middlewareStack'>): GuardedCall {
  const guards = new WeakMap<object, BeforeRequest>();
  middlewareStack.add(
    (next) => async (args) => {
      await guards.get(args.input)?.();
      return next(args);
    },
    // Within the retry middleware, as `retryAborted` is.
    { name: 'beforeEachRequest', step: 'finalizeRequest', priority: 'low' },
  );
  return async ({ input }, beforeRequest, send) => {
    if (!beforeRequest) return send();
    const thrown: unknown[] = [];
    guards.set(input, async () => {
      try {
        await beforeRequest();
      } catch (error) {
        // The SDK writes into an error that it is given, and repeats a request for some.
        thrown.push(error);
        throw new Error('the request is not sent');
      }
    });
    try {
      return await send();
    } catch (error) {
      throw thrown.length > 0 ? thrown[0] : error;
    }
  };
}
