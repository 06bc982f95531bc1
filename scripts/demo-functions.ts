import { startSandbox } from '../sandbox/sandbox.ts';

/** The part of an outcome event that the demo counts. */
interface OutcomeDetail {
  readonly outcome: string;
}

/** The functions, deployed from template.yaml itself: one scan by the schedule, and the events that it leads to. */
export async function runFunctions(
  world: string,
  template: string,
  write: (text: string) => Promise<void>,
): Promise<void> {
  const sandbox = await startSandbox({
    world,
    stack: { template, parameters: { Mode: 'Enforce', KeyId: 'alias/logseal' } },
  });
  const { stack } = sandbox;
  if (!stack) throw new Error('the sandbox has no stack');
  try {
    await stack.fireSchedule();
    await stack.idle();
    const events = Map.groupBy(stack.events(), (event) => event['detail-type']);
    const outcomes = events.get('Remediation Outcome') ?? [];
    const kinds = Map.groupBy(outcomes, ({ detail }) => (detail as unknown as OutcomeDetail).outcome);
    const counts = [...kinds].map(([outcome, some]) => `${some.length} ${outcome}`).join(', ');
    const findings = events.get('Log Store Finding')?.length ?? 0;
    await write(
      `The schedule fires: ${findings} findings, then ${outcomes.length} outcomes (${counts}).\n` +
        'Each function may make only the calls that its role in template.yaml allows.\n',
    );
  } finally {
    await sandbox.close();
  }
}
