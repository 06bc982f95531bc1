import { CloudError } from '../errors.ts';

/** Refusals that one name may have brought on all that were asked for with it. */
const OF_ONE_NAME: ReadonlySet<string> = new Set(['NOT_FOUND', 'INVALID_REQUEST', 'ACCESS_DENIED']);

/** So many names of the first batch, each refused by itself, show that it is not for their sake. */
const ENOUGH_ALONE = 3;

/**
 * Reads things by name, a batch a call. What AWS answers when one name of a batch is missing or malformed is not
 * documented: a batch that is refused is halved, so that one name never costs the others. A server that refuses every batch
 * is soon asked for single names only.
 * @param readBatch reads several names; what is missing is absent from its answer
 * @param readOne reads a name that was refused by itself in another way; undefined: it is missing
 * @returns what was found by name, or why a name could not be read
 * @throws CloudError that no name has brought on
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
