import pMap from 'p-map';
import { keyCache } from '../../lib/app/key/key-cache.ts';
import { checkKey } from '../../lib/app/key/run-key-checks.ts';
import { CONCURRENT_TARGETS } from '../../lib/pacing.ts';
import type { KeyCheckDocument } from '../../lib/report/documents.ts';
import { keyCheckTable } from '../../lib/report/key-check-table.ts';
import { readArguments } from '../arguments.ts';
import {
  finished,
  formatOf,
  KEY_OPTIONS,
  newRun,
  OUTPUT_OPTIONS,
  PROFILE_OPTION,
  paintFor,
  refuseMistakes,
  refuseUninspected,
  storeToSeal,
  validateSubject,
} from '../common.ts';
import { connect, unlessInterrupted } from '../connect.ts';
import { type ExitStatus, keyCheckStatus } from '../exit-status.ts';
import type { Host } from '../host.ts';
import { withOutput, writeDocument } from '../output.ts';

/** `logseal key check`: everything that decides whether the key can seal, each with its fix. Changes nothing. */
export async function keyCheck(words: readonly string[], host: Host): Promise<ExitStatus> {
  const args = readArguments(words, { ...KEY_OPTIONS, ...PROFILE_OPTION, ...OUTPUT_OPTIONS }, host);
  const key = args.value('key');
  if (key === undefined) args.mistakes.push('--key: expected the key to check, got none');
  validateSubject(args);
  await refuseMistakes(args, host);

  const run = newRun();
  return withOutput(args.value('output'), host, async (output) => {
    const { cloudOf, targets: wanted } = await connect(args, host);
    const checking = pMap(
      wanted,
      async (target) => {
        const cloud = cloudOf(target);
        const store = storeToSeal(args, target, await cloud.owner());
        const inspection = await keyCache(store, cloud.keys, new Date()).configured(key ?? '');
        refuseUninspected(inspection);
        const checks = await checkKey(key ?? '', inspection, store, cloud, new Date());
        return { store, keyArn: inspection.keyArn, checks, apiCalls: cloud.apiCalls() };
      },
      { concurrency: CONCURRENT_TARGETS },
    );
    const targets = await unlessInterrupted(host.signal, checking);
    const document: KeyCheckDocument = {
      schema: 'logseal/key-check/1',
      run: finished(run),
      key: { configured: key ?? '' },
      targets,
    };
    await writeDocument(output, formatOf(args), document, () => keyCheckTable(document, paintFor(args, host, output)));
    return keyCheckStatus(document);
  });
}
