import { keyCache } from '../../lib/app/key/key-cache.ts';
import { type PolicyOutcome, planRepair, writePolicy } from '../../lib/app/key/repair-key-policy.ts';
import { parseArn } from '../../lib/domain/arn.ts';
import { targetOf } from '../../lib/domain/target.ts';
import type { ReportOptions } from '../../lib/report/format.ts';
import { policyDiff } from '../../lib/report/policy-diff.ts';
import { repairPreview } from '../../lib/report/tables/key-repair.ts';
import { readArguments } from '../arguments.ts';
import { commandJournal } from '../command-journal.ts';
import { finished, newRun } from '../command-run.ts';
import { isWanted, refuseUnasked } from '../confirm.ts';
import { connect, firstTarget, organizationAccounts, unlessInterrupted, whereOfKey } from '../connect.ts';
import { EXIT, type ExitStatus } from '../exit.ts';
import { keyRepairStatus } from '../exit-status.ts';
import type { Host } from '../host.ts';
import {
  ENTER_OPTIONS,
  JOURNAL_OPTION,
  KEY_OPTIONS,
  ONE_REGION,
  ORGANIZATION_OPTIONS,
  PROFILE_OPTION,
  rulesOf,
  undoCommand,
} from '../options.ts';
import { ownCloud } from '../own-account.ts';
import { typing } from '../reached-again.ts';
import { openReport, outputOptions, withOutputs } from '../report.ts';
import { logGroupsMistake, refuseUninspected, scopesToRepair } from '../subject.ts';
import { refuseMistakes, validateEntering, validateOneAccount, validateSubject } from '../validation.ts';

/** `logseal key repair`: adds the one statement that a key's policy lacks, after showing the difference and asking. */
export async function keyRepair(words: readonly string[], host: Host): Promise<ExitStatus> {
  const args = readArguments(
    words,
    {
      ...KEY_OPTIONS,
      ...ONE_REGION,
      'log-group': { kind: 'value', check: logGroupsMistake },
      'all-log-groups': { kind: 'flag' },
      'readers-and-writers': { kind: 'flag' },
      yes: { kind: 'flag' },
      ...JOURNAL_OPTION,
      ...PROFILE_OPTION,
      ...ENTER_OPTIONS,
      ...ORGANIZATION_OPTIONS,
      ...outputOptions('key-repair'),
    },
    host,
  );
  const key = args.value('key') ?? '';
  if (key === '') args.mistakes.push('--key: expected the key whose policy to repair, got none');
  validateSubject(args);
  const arn = parseArn(key);
  validateEntering(args, arn === undefined);
  if (!arn) validateOneAccount(args, 'key');
  const orgId = args.value('org-id');
  refuseUnasked(args, host);
  const journal = commandJournal(args, host);
  // The policy of a key that an ARN names may be repaired for the log groups of several accounts. Of them only that of the key is entered.
  const where = {
    ...whereOfKey(args),
    ...(arn && { accounts: args.list('account').filter((id) => id === arn.account && args.flag('role-name')) }),
  };
  await refuseMistakes(args, host, where);

  const run = newRun(host);
  const work = withOutputs('key-repair', args, host, async (outputs) => {
    const connection = await connect(args, host, where, run.id);
    const { cloudOf, target } = firstTarget(connection);
    const asTyped = typing(args, host, connection);
    const cloud = cloudOf(target);
    const caller = await unlessInterrupted(host.signal, cloud.caller());
    await journal.open(ownCloud(cloudOf, target));
    const owner = await unlessInterrupted(host.signal, cloud.owner());
    const members = await unlessInterrupted(host.signal, organizationAccounts(args, host, target));
    const { store, scopes } = scopesToRepair(args, target, owner, [...args.list('account'), ...members]);
    const place = { ...target, account: owner.account };
    const inspection = await unlessInterrupted(
      host.signal,
      keyCache(place, cloud.keys, rulesOf(args, host, host.now())).configured(key),
    );
    const { keyArn, statement, change, refusal, keyReasons, notes } = planRepair(inspection, store, scopes);
    refuseUninspected(inspection, refusal);
    const diff = change && policyDiff(change);
    const untouched = { error: null, inEffect: refusal === null };
    let outcome: PolicyOutcome = { keyArn, refusal, outcome: refusal ? 'REFUSED' : 'UNCHANGED', ...untouched };
    if (change && diff !== null) {
      const show = { args, outputs, host, asTyped } as const;
      const preview = (options: ReportOptions) =>
        repairPreview({ scopes, owner: owner.account, orgId, notes, keyReasons, diff }, options);
      if (!(await isWanted(preview, `Write this policy of ${keyArn}?`, show))) {
        outputs.discard();
        return EXIT.NOT_COMPLIANT;
      }
      const by = {
        runId: run.id,
        actor: caller.arn,
        journal,
        clock: () => host.now(),
        rules: rulesOf(args, host, host.now()),
        signal: host.signal,
        wait: host.pacing.wait,
      };
      outcome = await writePolicy(change, cloud.keys, by);
    }
    const totals = {
      run: finished(run, host),
      key: { configured: key },
      target: { ...targetOf(place), apiCalls: cloud.apiCalls() },
      repair: { ...outcome, scope: scopes[0].type, statement, diff, keyReasons, ...notes },
    };
    const report = await openReport('key-repair', outputs, args, host, {
      asTyped,
      undoCommand: (runId) => undoCommand(args, host, runId, { provider: 'aws', accounts: [owner.account], orgId }),
    });
    await report.end(totals);
    return host.signal.aborted ? EXIT.INTERRUPTED : keyRepairStatus(totals);
  });
  return work.finally(() => journal.close());
}
