import * as v from 'valibot';
import type { LogStore } from '../lib/domain/log-store.ts';
import type { ScanStatus } from '../lib/report/documents.ts';
import type { Host } from './host.ts';
import { jsonItems } from './json-items.ts';
import { inputChunks } from './read-input.ts';
import { parseWith, storeSchema } from './schemas.ts';

/** What is read of a scan apart from its findings. */
export interface ReadScan {
  readonly status: ScanStatus;
  readonly stores: number;
}

const scanSchema = v.object({
  schema: v.literal('logseal/scan/1'),
  status: v.picklist(['COMPLETE', 'PARTIAL', 'FAILED']),
  findings: v.array(v.number()),
});

/**
 * Reads what `logseal scan --format json` wrote, in bounded memory. What is wrong with it goes to `mistakes`.
 * @param add is called for each log store
 * @returns undefined after a mistake
 */
export async function readScanFile(
  path: string,
  host: Host,
  mistakes: string[],
  add: (store: LogStore) => void,
): Promise<ReadScan | undefined> {
  const refuse = (why: string) => {
    mistakes.push(`--scan: expected what logseal scan --format json writes, got ${path} (${why})`);
    return undefined;
  };
  const items = jsonItems(inputChunks(path, host), 'findings');
  try {
    for (let stores = 0; ; stores++) {
      const { value, done } = await items.next();
      host.signal.throwIfAborted();
      const where = `findings[${stores}]`;
      const parsed = done ? parseWith(scanSchema, value) : parseWith(storeSchema, value);
      if ('mistakes' in parsed) return refuse(`${done ? '' : `${where}: `}${parsed.mistakes.join('; ')}`);
      if ('status' in parsed.value) return { status: parsed.value.status, stores };
      add(parsed.value);
    }
  } catch (error) {
    host.signal.throwIfAborted();
    return refuse(error instanceof Error ? error.message : String(error));
  } finally {
    // Closes the file.
    await items.return('');
  }
}
