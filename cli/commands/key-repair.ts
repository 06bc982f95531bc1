import { keyCache } from '../../lib/app/key/key-cache.ts';
import { type PolicyOutcome, planRepair, writePolicy } from '../../lib/app/key/repair-key-policy.ts';
import { targetOf } from '../../lib/domain/target.ts';
import { UsageError } from '../../lib/errors.ts';
import type { KeyRepairDocument } from '../../lib/report/documents.ts';
import { keyRepairText, paintDiff, policyDiff } from '../../lib/report/policy-diff.ts';
import { readArguments } from '../arguments.ts';
import {
  finished,
  formatOf,
  JOURNAL_OPTION,
  journalPath,
  KEY_OPTIONS,
  newRun,
  ONE_REGION,
  OUTPUT_OPTIONS,
  PROFILE_OPTION,
  paintFor,
  refuseMistakes,
  refuseUninspected,
  storeToSeal,
  undoCommand,
  validateSubject,
} from '../common.ts';
import { isWanted, refuseUnasked } from '../confirm.ts';
import { connect, onlyTarget, unlessInterrupted } from '../connect.ts';
import { EXIT, type ExitStatus, keyRepairStatus } from '../exit-status.ts';
import type { Host } from '../host.ts';
import { openJournalFile } from '../journal-file.ts';
import { withOutput, writeDocument } from '../output.ts';

/** `logseal key repair`: adds the one statement that a key's policy lacks, after showing the difference and asking. */
export async function keyRepair(words: readonly string[], host: Host): Promise<ExitStatus> {
  const args = readArguments(
    words,
    {
      ...KEY_OPTIONS,
      ...ONE_REGION,
      yes: { kind: 'flag' },
      ...JOURNAL_OPTION,
      ...PROFILE_OPTION,
      ...OUTPUT_OPTIONS,
    },
    host,
  );
  const key = args.value('key') ?? '';
  if (key === '') args.mistakes.push('--key: expected the key whose policy to repair, got none');
  validateSubject(args);
  refuseUnasked(args, host);
  const journal = openJournalFile(journalPath(args), host, args.mistakes);
  await refuseMistakes(args, host);

  const run = newRun();
  const work = withOutput(args.value('output'), host, async (output) => {
    const { cloudOf, target } = onlyTarget(await connect(args, host));
    const cloud = cloudOf(target);
    const caller = await unlessInterrupted(host.signal, cloud.caller());
    const foreign = journal.mistakesFor('aws', caller.account);
    if (foreign.length > 0) throw new UsageError(foreign);
    const store = storeToSeal(args, target, await unlessInterrupted(host.signal, cloud.owner()));
    const inspection = await unlessInterrupted(host.signal, keyCache(store, cloud.keys, new Date()).configured(key));
    refuseUninspected(inspection);
    const { keyArn, statement, change, refusal } = planRepair(inspection, store, new Date());
    const diff = change && policyDiff(change);
    const untouched = { error: null, inEffect: refusal === null };
    let outcome: PolicyOutcome = { keyArn, refusal, outcome: refusal ? 'REFUSED' : 'UNCHANGED', ...untouched };
    if (change && diff !== null) {
      const show = { args, output, host };
      if (!(await isWanted((paint) => paintDiff(diff, paint), `Write this policy of ${keyArn}?`, show))) {
        output.discard();
        return EXIT.NOT_COMPLIANT;
      }
      const by = {
        runId: run.id,
        actor: caller.arn,
        journal,
        clock: () => new Date(),
        signal: host.signal,
        wait: host.pacing.wait,
      };
      outcome = await writePolicy(change, cloud.keys, by);
    }
    const document: KeyRepairDocument = {
      schema: 'logseal/key-repair/1',
      run: finished(run),
      key: { configured: key },
      target: { ...targetOf(store), apiCalls: cloud.apiCalls() },
      repair: { ...outcome, statement, diff },
    };
    const undo = undoCommand(args, run.id);
    await writeDocument(output, formatOf(args), document, () =>
      keyRepairText(document, paintFor(args, host, output), undo),
    );
    return host.signal.aborted ? EXIT.INTERRUPTED : keyRepairStatus(document);
  });
  return work.finally(() => journal.close());
}
