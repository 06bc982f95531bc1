import { colors } from '../lib/report/colors.ts';
import { columns } from '../lib/report/columns.ts';
import { startSandbox } from '../sandbox/sandbox.ts';

/** The parts of an outcome event that the demo shows. */
interface OutcomeDetail {
  readonly store: { readonly name: string };
  readonly outcome: string;
  readonly refusal: { readonly code: string } | null;
}

/** The second part of the demo: the same world with the functions, deployed from template.yaml itself. */
export async function showFunctions(world: string, template: string, say: (text: string) => void): Promise<void> {
  const paint = colors(process.stdout.isTTY);
  const sandbox = await startSandbox({
    world,
    stack: { template, parameters: { Mode: 'Enforce', KeyId: 'alias/logseal' } },
  });
  const { stack } = sandbox;
  if (!stack) throw new Error('the sandbox has no stack');
  try {
    say(
      'The same account as at the start, now with the functions of template.yaml in Enforce mode. The schedule fires:',
    );
    await stack.fireSchedule();
    await stack.idle();
    const types = Map.groupBy(stack.events(), (event) => event['detail-type']);
    const counts = [...types].map(([type, events]) => [type, String(events.length)]);
    process.stdout.write(
      columns(['EVENTS ON THE BUS', 'COUNT'], counts, { paint, width: process.stdout.columns ?? null }),
    );

    say('The outcomes, from the events that the remediate function sent:');
    const outcomes = (types.get('Remediation Outcome') ?? []).map(({ detail }) => detail as unknown as OutcomeDetail);
    const rows = outcomes
      .map(({ store, outcome, refusal }) => [outcome, store.name, refusal?.code ?? ''])
      .toSorted(([one = ''], [other = '']) => other.localeCompare(one));
    process.stdout.write(
      columns(['OUTCOME', 'LOG GROUP', 'REFUSAL'], rows, { paint, width: process.stdout.columns ?? null }),
    );

    say('The metrics behind the dashboard and the alarms:');
    const sums = new Map<string, number>();
    for (const [name, value] of stack.metrics().flatMap((document) => Object.entries(document))) {
      // CloudWatch adds up a metric that has several values in one document.
      const sum = [value].flat().reduce((total: number, each) => total + Number(each), 0);
      if (name !== '_aws' && Number.isFinite(sum)) sums.set(name, (sums.get(name) ?? 0) + sum);
    }
    process.stdout.write(
      columns(
        ['METRIC', 'VALUE'],
        [...sums].map(([name, sum]) => [name, String(sum)]),
        { paint, width: process.stdout.columns ?? null },
      ),
    );
    process.stdout.write('\nThe sandbox allowed each function only the calls that its role in template.yaml allows.\n');
  } finally {
    await sandbox.close();
  }
}
