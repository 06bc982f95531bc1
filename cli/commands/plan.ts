import { sealingCost } from '../../lib/app/change/sealing-cost.ts';
import { limiter } from '../../lib/domain/limit.ts';
import { isUnusableEverywhere } from '../../lib/report/documents.ts';
import { incompleteText, restText } from '../../lib/report/table.ts';
import { withAliases } from '../account-alias.ts';
import { readArguments } from '../arguments.ts';
import { newRun } from '../command-run.ts';
import { CONFIG_OPTION } from '../config-input.ts';
import { nameConfiguration, refuseWithoutKey } from '../configuration.ts';
import { connect, unlessInterrupted, whereOf } from '../connect.ts';
import type { ExitStatus } from '../exit.ts';
import { planStatus } from '../exit-status.ts';
import type { Host } from '../host.ts';
import { makePlan } from '../make-plan.ts';
import { CALLER_OPTION, ENTER_OPTIONS, ORGANIZATION_OPTIONS, PROFILE_OPTION, TARGET_OPTIONS } from '../options.ts';
import { orderedSteps } from '../ordered-steps.ts';
import { typing } from '../reached-again.ts';
import { openReport, outputOptions, withOutputs } from '../report.ts';
import { announceSelection, LIMIT_OPTION, limitOf, SELECTION_OPTIONS } from '../selection.ts';
import { announceQuery } from '../subject.ts';
import { refuseMistakes, validateEntering, validateProvider, validateSealing } from '../validation.ts';

/** `logseal plan`: a scan, and what would be done to each log store that is not compliant. Changes nothing. */
export async function plan(words: readonly string[], host: Host): Promise<ExitStatus> {
  const args = readArguments(
    words,
    {
      ...TARGET_OPTIONS,
      ...SELECTION_OPTIONS,
      ...LIMIT_OPTION,
      ...CONFIG_OPTION,
      ...CALLER_OPTION,
      ...PROFILE_OPTION,
      ...ENTER_OPTIONS,
      ...ORGANIZATION_OPTIONS,
      ...outputOptions('plan'),
    },
    host,
  );
  validateProvider(args);
  const named = await nameConfiguration(args, host);
  validateSealing(args, named.mayNameKeys);
  validateEntering(args);
  await refuseMistakes(args, host);
  announceQuery(args, host);
  announceSelection(args, host);

  const run = newRun(host);
  return withOutputs('plan', args, host, async (outputs) => {
    let seals = 0;
    let refused = 0;
    let later = 0;
    const limited = limiter(limitOf(args));
    const ordered = orderedSteps();
    const connection = await connect(args, host, whereOf(args), run.id);
    const report = await openReport('plan', outputs, args, host, { asTyped: typing(args, host, connection) });
    const config = await unlessInterrupted(host.signal, named.read());
    refuseWithoutKey(args, config);
    const cost = sealingCost();
    const planned = await makePlan(args, connection, host, config, run, ordered.add);
    for (const page of ordered.pages()) {
      const steps = page.map(limited);
      steps.forEach(cost.add);
      for (const { action, refusal } of steps) {
        if (action === 'SEAL') seals++;
        else if (refusal) refused++;
        else later++;
      }
      await report.page(steps);
    }
    const targets = await withAliases(planned.targets, connection.cloudOf, outputs);
    const totals = { ...planned, targets, cost: cost.total() };
    await report.end(totals);
    const [path] = args.list('output');
    if (path !== undefined && !outputs.screen && !args.flag('quiet')) {
      const key = isUnusableEverywhere(totals.key.targets) ? '; the key cannot be used' : '';
      const counts = `${seals.toLocaleString('en')} to seal, ${refused.toLocaleString('en')} refused${restText(later, totals.filtered)}${key}`;
      host.err.write(`${counts}${incompleteText(totals.targets)}: ${path}\n`);
    }
    return planStatus(totals, seals + refused > 0);
  });
}
