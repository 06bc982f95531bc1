import { expect, it, onTestFinished } from 'vitest';
import environment from '../../events/env.json' with { type: 'json' };
import { startSandbox } from '../../sandbox/sandbox.ts';
import { say } from '../deploy/say.ts';
import { aWorld } from '../support/logseal.ts';
import { invokeLocally } from './invoke.ts';

const GROUPS = { sealed: 90_000, bare: 10_000 };

// SAM CLI limits the function's container to the MemorySize of the template.
it('scans 100,000 log groups in the memory that the template gives it', { timeout: 300_000 }, async () => {
  const bulk = [
    { name: '/bulk/sealed/{n}', count: GROUPS.sealed, key: 'logseal' },
    { name: '/bulk/bare/{n}', count: GROUPS.bare },
  ];
  const sandbox = await startSandbox({ world: aWorld({ bulk, scanTable: environment.Parameters.LOGSEAL_SCAN_TABLE }) });
  onTestFinished(() => sandbox.close());
  const startedAt = performance.now();

  const { answer, stderr } = await invokeLocally('ScanFunction', 'events/schedule.json', sandbox);

  const counts = { stores: 100_000, compliant: GROUPS.sealed, nonCompliant: GROUPS.bare };
  expect(answer, stderr).toMatchObject({ scans: [{ report: { status: 'COMPLETE' }, counts }] });
  const [memory = ''] = /Memory Size: \d+ MB/.exec(stderr) ?? [];
  expect(memory).toBe('Memory Size: 256 MB');
  say(`  100,000 log groups in ${((performance.now() - startedAt) / 1000).toFixed(0)} s, ${memory}`);
});
