import pMap from 'p-map';
import { keyCache } from '../../lib/app/key/key-cache.ts';
import { logWriter } from '../../lib/app/key/log-writer.ts';
import { checkKey } from '../../lib/app/key/run-key-checks.ts';
import { storeNote } from '../../lib/app/key/store-note.ts';
import { preflight } from '../../lib/domain/evaluation.ts';
import { readersAndWriters } from '../../lib/domain/readers-and-writers.ts';
import { keyDocumentProblems, keyPolicyWarnings } from '../../lib/domain/store-key-policy.ts';
import { CONCURRENT_TARGETS } from '../../lib/pacing.ts';
import { readArguments } from '../arguments.ts';
import { finished, newRun } from '../command-run.ts';
import { connect, unlessInterrupted, whereOfKey } from '../connect.ts';
import type { ExitStatus } from '../exit.ts';
import { keyCheckStatus } from '../exit-status.ts';
import type { Host } from '../host.ts';
import { KEY_OPTIONS, PROFILE_OPTION, rulesOf } from '../options.ts';
import { openReport, outputOptions, withOutputs } from '../report.ts';
import { refuseUninspected, storeToSeal } from '../subject.ts';
import { refuseMistakes, validateSubject } from '../validation.ts';

/** `logseal key check`: everything that decides whether the key can be attached, each check with its fix. Changes nothing. */
export async function keyCheck(words: readonly string[], host: Host): Promise<ExitStatus> {
  const args = readArguments(words, { ...KEY_OPTIONS, ...PROFILE_OPTION, ...outputOptions('key-check') }, host);
  const key = args.value('key');
  if (key === undefined) args.mistakes.push('--key: expected the key to check, got none');
  validateSubject(args);
  const where = whereOfKey(args);
  await refuseMistakes(args, host, where);

  const run = newRun(host);
  return withOutputs('key-check', args, host, async (outputs) => {
    const { cloudOf, targets } = await connect(args, host, where);
    const checking = pMap(
      targets,
      async (target) => {
        const cloud = cloudOf(target);
        const store = storeToSeal(args, target, await cloud.owner());
        const inspection = await keyCache(store, cloud.keys, rulesOf(args, host, host.now())).configured(key ?? '');
        refuseUninspected(inspection, preflight(inspection, store));
        const checks = await checkKey(key ?? '', inspection, store, cloud, { isStoreNamed: args.flag('log-group') });
        const shown = readersAndWriters(inspection, store);
        const { keyArn } = inspection;
        const isWriterAsked = args.flag('log-group') && shown !== null && keyArn !== null;
        const writer = isWriterAsked ? await logWriter({ ...inspection, keyArn }, store, cloud) : null;
        const note = args.flag('log-group') ? await storeNote(store, cloud.logStores) : null;
        return {
          store,
          keyArn,
          checks,
          ...(note !== null && { note }),
          readersAndWriters: shown && { ...shown, ...(writer && { writer }) },
          warnings: keyPolicyWarnings(inspection),
          problems: keyDocumentProblems(inspection),
          apiCalls: cloud.apiCalls(),
        };
      },
      { concurrency: CONCURRENT_TARGETS },
    );
    const checked = await unlessInterrupted(host.signal, checking);
    const report = await openReport('key-check', outputs, args, host);
    await report.page(checked);
    await report.end({ run: finished(run, host), key: { configured: key ?? '' } });
    return keyCheckStatus(checked);
  });
}
