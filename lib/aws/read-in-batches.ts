import { CloudError } from '../errors.ts';

/** Errors that a single name can cause for its whole batch. */
const OF_ONE_NAME: ReadonlySet<string> = new Set(['NOT_FOUND', 'INVALID_REQUEST', 'ACCESS_DENIED']);

/** If this many single names of the first batch were refused, the names are not the cause. */
const ENOUGH_ALONE = 3;

/**
 * Reads things by name, one batch per call. AWS does not document what it returns if one name of a batch is missing or
 * malformed, so a refused batch is halved until only the name that caused the error is left. A server that refuses every
 * batch is soon asked for single names only.
 * @param readBatch reads several names; missing ones are absent from its result
 * @param readOne reads, in another way, a name that was refused alone; undefined: it is missing
 * @returns by name, what was found or why the name could not be read
 * @throws CloudError if the error has nothing to do with the names
 */
export async function readInBatches<T>(
  names: readonly string[],
  batchSize: number,
  readBatch: (names: readonly string[]) => Promise<ReadonlyMap<string, T>>,
  readOne: (name: string) => Promise<T | undefined>,
): Promise<Map<string, T | CloudError>> {
  const found = new Map<string, T | CloudError>();
  let isBatchKnown = false;
  let alone = 0;
  const readAlone = async (name: string): Promise<void> => {
    const value = await readOne(name).catch(asValue);
    if (value !== undefined) found.set(name, value);
    alone++;
  };
  const readSome = async (some: readonly string[]): Promise<void> => {
    if (!isBatchKnown && alone >= ENOUGH_ALONE) {
      for (const name of some) await readAlone(name);
      return;
    }
    try {
      for (const [name, value] of await readBatch(some)) found.set(name, value);
      isBatchKnown = true;
    } catch (error) {
      const [name] = some;
      if (!isOfOneName(error) || name === undefined) throw error;
      if (some.length > 1) {
        const middle = Math.ceil(some.length / 2);
        await readSome(some.slice(0, middle));
        await readSome(some.slice(middle));
      } else if (error.code !== 'NOT_FOUND') {
        await readAlone(name);
      }
    }
  };
  for (let start = 0; start < names.length; start += batchSize) await readSome(names.slice(start, start + batchSize));
  return found;
}

function isOfOneName(error: unknown): error is CloudError {
  return error instanceof CloudError && OF_ONE_NAME.has(error.code);
}

function asValue(error: unknown): CloudError {
  if (isOfOneName(error)) return error;
  throw error;
}
