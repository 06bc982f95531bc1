import { isDefect } from '../errors.ts';
import { toCloudError } from './cloud-error.ts';

/** Makes and counts the calls to one Region, and turns every failure into a `CloudError`. */
export interface Calls {
  /**
   * @param name as IAM names the call, for instance `kms:DescribeKey`
   * @param send sends one command; the SDK's retries inside it are not counted
   * @throws CloudError; a bug in this program (`isDefect`) is thrown as it is
   */
  make<T>(name: string, send: () => Promise<T>): Promise<T>;
  /** Calls so far by name. */
  counts(): Record<string, number>;
}

export function createCalls(): Calls {
  const counts = new Map<string, number>();
  return {
    async make(name, send) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      try {
        return await send();
      } catch (error) {
        throw isDefect(error) ? error : toCloudError(name, error);
      }
    },
    counts: () => Object.fromEntries(counts),
  };
}
