import type { LogStore } from '../../domain/log-store.ts';
import { kindOf } from '../../domain/stores/index.ts';
import { CloudError } from '../../errors.ts';
import type { LogStores } from '../ports.ts';

/** A note where the log store does not exist, or where that could not be found out; null where it exists. Costs one read. */
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
