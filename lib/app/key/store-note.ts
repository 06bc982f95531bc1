import type { LogStore } from '../../domain/log-store.ts';
import { kindOf } from '../../domain/stores/index.ts';
import { CloudError } from '../../errors.ts';
import type { LogStores } from '../ports.ts';

/**
 * What is to be said of a log store that a key is checked for: that it does not exist, so that its name may be misspelt, or
 * that this could not be found out. null: it exists. Costs one read.
 */
export async function storeNote(store: LogStore, logStores: Pick<LogStores, 'read'>): Promise<string | null> {
  const { noun } = kindOf(store);
  try {
    const [reading] = await logStores.read([store]);
    if (reading?.status !== 'GONE') return null;
    return `the ${noun} ${store.name} does not exist in ${store.region} (yet): the checks hold for one of this name`;
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    return `whether the ${noun} ${store.name} exists in ${store.region} is not known: ${error.message}`;
  }
}
