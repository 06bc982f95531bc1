import { CloudError } from '../errors.ts';

/**
 * Reads things by name, a batch a call. What AWS answers when one name of a batch is missing or malformed is not
 * documented: a batch that is refused is halved, so that one name never costs the others.
 * @param read reads one batch; what is missing is absent from its answer
 * @throws CloudError of `read`, INVALID_REQUEST only of a single name
 */
export async function readInBatches<T>(
  names: readonly string[],
  batchSize: number,
  read: (names: readonly string[]) => Promise<ReadonlyMap<string, T>>,
): Promise<Map<string, T>> {
  const found = new Map<string, T>();
  for (let start = 0; start < names.length; start += batchSize) {
    for (const [name, value] of await readBatch(names.slice(start, start + batchSize), read)) found.set(name, value);
  }
  return found;
}

async function readBatch<T>(
  names: readonly string[],
  read: (names: readonly string[]) => Promise<ReadonlyMap<string, T>>,
): Promise<ReadonlyMap<string, T>> {
  try {
    return await read(names);
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    if (error.code !== 'NOT_FOUND' && error.code !== 'INVALID_REQUEST') throw error;
    if (names.length > 1) return readInBatches(names, Math.ceil(names.length / 2), read);
    if (error.code === 'NOT_FOUND') return new Map();
    throw error;
  }
}
