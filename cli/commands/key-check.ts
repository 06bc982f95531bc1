import pMap from 'p-map';
import { keyCache } from '../../lib/app/key/key-cache.ts';
import { logWriter } from '../../lib/app/key/log-writer.ts';
import { checkKey } from '../../lib/app/key/run-key-checks.ts';
import { storeNote } from '../../lib/app/key/store-note.ts';
import type { Cloud } from '../../lib/app/ports.ts';
import { preflight } from '../../lib/domain/evaluation.ts';
import { found } from '../../lib/domain/key-check.ts';
import { PROVIDERS } from '../../lib/domain/providers/index.ts';
import { readersAndWriters } from '../../lib/domain/readers-and-writers.ts';
import { keyDocumentProblems, keyPolicyWarnings } from '../../lib/domain/store-key-policy.ts';
import type { Target } from '../../lib/domain/target.ts';
import { CloudError } from '../../lib/errors.ts';
import { CONCURRENT_TARGETS } from '../../lib/pacing.ts';
import type { CheckedKey } from '../../lib/report/documents.ts';
import { fixForFailure } from '../../lib/report/fixes.ts';
import { type Arguments, readArguments } from '../arguments.ts';
import { finished, newRun } from '../command-run.ts';
import { connect, unlessInterrupted, whereOfKey } from '../connect.ts';
import { EXIT, type ExitStatus } from '../exit.ts';
import { keyCheckStatus } from '../exit-status.ts';
import type { Host } from '../host.ts';
import { ENTER_OPTIONS, KEY_OPTIONS, ORGANIZATION_OPTIONS, PROFILE_OPTION, rulesOf } from '../options.ts';
import { typing } from '../reached-again.ts';
import { openReport, outputOptions, withOutputs } from '../report.ts';
import { refuseUninspected, storeToSeal } from '../subject.ts';
import { refuseMistakes, validateEntering, validateSubject } from '../validation.ts';

/** `logseal key check`: everything that decides whether the key can be attached, each check with its fix. Changes nothing. */
export async function keyCheck(words: readonly string[], host: Host): Promise<ExitStatus> {
  const options = {
    ...KEY_OPTIONS,
    ...PROFILE_OPTION,
    ...ENTER_OPTIONS,
    ...ORGANIZATION_OPTIONS,
    ...outputOptions('key-check'),
  };
  const args = readArguments(words, options, host);
  const key = args.value('key');
  if (key === undefined) args.mistakes.push('--key: expected the key to check, got none');
  validateSubject(args);
  validateEntering(args);
  const where = whereOfKey(args);
  await refuseMistakes(args, host, where);

  const run = newRun(host);
  return withOutputs('key-check', args, host, async (outputs) => {
    const connection = await connect(args, host, where, run.id);
    const { cloudOf, targets } = connection;
    let failures = 0;
    const check = async (target: Target): Promise<CheckedKey> => {
      try {
        return await checkIn(target, cloudOf(target), key ?? '', args, host);
      } catch (error) {
        // The other accounts are checked all the same.
        if (!(error instanceof CloudError) || target.account === '') throw error;
        failures++;
        return notChecked(target, error, cloudOf(target).apiCalls(), args);
      }
    };
    const checking = pMap(targets, check, { concurrency: CONCURRENT_TARGETS });
    const checked = await unlessInterrupted(host.signal, checking);
    const report = await openReport('key-check', outputs, args, host, { asTyped: typing(args, host, connection) });
    await report.page(checked);
    await report.end({ run: finished(run, host), key: { configured: key ?? '' } });
    return failures > 0 ? EXIT.NOT_DONE : keyCheckStatus(checked);
  });
}

async function checkIn(target: Target, cloud: Cloud, key: string, args: Arguments, host: Host): Promise<CheckedKey> {
  const store = storeToSeal(args, target, await cloud.owner());
  const inspection = await keyCache(store, cloud.keys, rulesOf(args, host, host.now())).configured(key);
  refuseUninspected(inspection, preflight(inspection, store));
  const checks = await checkKey(key, inspection, store, cloud, { isStoreNamed: args.flag('log-group') });
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
}

/** The result in an account that cannot be entered, or in a Region of it that does not answer: nothing is known of the key. */
function notChecked(
  target: Target,
  { code, message }: CloudError,
  apiCalls: CheckedKey['apiCalls'],
  args: Arguments,
): CheckedKey {
  const { account, region } = target;
  const partition = PROVIDERS.aws.partitionOf(region) ?? 'aws';
  const store = storeToSeal(args, target, { account, partition });
  const why = `${code}: ${message}`;
  const unread = { code: 'KEY_UNREADABLE', message: why, fix: fixForFailure(code, 'aws') ?? why } as const;
  const nothing = { keyArn: null, readersAndWriters: null, warnings: [], problems: [] };
  return { ...nothing, store, checks: [found('FOUND', 'UNKNOWN', unread)], apiCalls };
}
