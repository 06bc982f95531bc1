import pMap from 'p-map';
import { planTarget } from '../../lib/app/change/plan-target.ts';
import { CONCURRENT_TARGETS } from '../../lib/pacing.ts';
import type { PlanDocument } from '../../lib/report/documents.ts';
import { planTable } from '../../lib/report/plan-table.ts';
import { type Arguments, readArguments } from '../arguments.ts';
import {
  finished,
  formatOf,
  isAlibaba,
  keyOf,
  newRun,
  OUTPUT_OPTIONS,
  PROFILE_OPTION,
  paintFor,
  refuseMistakes,
  TARGET_OPTIONS,
  tellOfQuery,
  validateProvider,
} from '../common.ts';
import { type Connection, connect, unlessInterrupted, whereOf } from '../connect.ts';
import { type ExitStatus, planStatus } from '../exit-status.ts';
import type { Host } from '../host.ts';
import { withOutput, writeDocument } from '../output.ts';
import { withProgress } from '../progress.ts';

/** `logseal plan`: a scan, and what would be done to each log group that is not compliant. Changes nothing. */
export async function plan(words: readonly string[], host: Host): Promise<ExitStatus> {
  const args = readArguments(words, { ...TARGET_OPTIONS, ...PROFILE_OPTION, ...OUTPUT_OPTIONS }, host);
  validateProvider(args);
  validateSealing(args);
  await refuseMistakes(args, host);
  tellOfQuery(args, host);

  return withOutput(args.value('output'), host, async (output) => {
    const document = await makePlan(args, await connect(args, host), host);
    await writeDocument(output, formatOf(args), document, () => planTable(document, paintFor(args, host, output)));
    if (args.flag('output') && !args.flag('quiet')) {
      const seals = document.steps.filter(({ action }) => action === 'SEAL').length;
      host.err.write(`${seals} to seal, ${document.steps.length - seals} refused: ${args.value('output')}\n`);
    }
    return planStatus(document);
  });
}

/** What sealing takes beside the Regions. */
export function validateSealing(args: Arguments): void {
  if (keyOf(args) === undefined) args.mistakes.push('--key: expected the key to seal with, got none');
  const needsRole = isAlibaba(args) && args.flag('key') && !args.flag('sls-role-arn');
  if (needsRole) args.mistakes.push('--sls-role-arn: expected the RAM role by which SLS uses the key, got none');
}

/** Plans every target. */
export async function makePlan(args: Arguments, { cloudOf, targets }: Connection, host: Host): Promise<PlanDocument> {
  const run = newRun();
  const key = keyOf(args) ?? '';
  const requiresKey = args.flag('require-key');
  const { roleArn } = whereOf(args);
  const planning = withProgress('listed', args, host, (add) =>
    pMap(
      targets,
      (target) =>
        planTarget(target, cloudOf(target), {
          key,
          requiresKey,
          queryResults: args.flag('query-results'),
          now: new Date(run.startedAt),
          onFindings: (findings) => add(target, findings.length),
          signal: host.signal,
        }),
      { concurrency: CONCURRENT_TARGETS },
    ),
  );
  const plans = await unlessInterrupted(host.signal, planning);
  return {
    schema: 'logseal/plan/1',
    run: finished(run),
    key: {
      configured: key,
      required: requiresKey,
      ...(roleArn !== null && { roleArn }),
      targets: plans.map((target) => target.key),
    },
    targets: plans.map(({ report }) => report),
    steps: plans.flatMap(({ steps }) => steps),
  };
}
