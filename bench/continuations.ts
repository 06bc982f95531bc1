import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TIME_TO_STOP_MS } from '../lib/pacing.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import type { World } from '../sandbox/world.ts';
import { bundle } from './bundle.ts';
import { mebibytes, root } from './process.ts';
import { DELEGATING_POLICY } from './world.ts';

const GROUPS = 1_000_000;
const PLAIN = 10_000;
/** So much of each invocation is left for scanning. */
const SCANS_FOR_MS = 5_000;
const MEMORY_MB = 256;
/** More would be a scan that does not get on. */
const MOST = 50;

/**
 * Scans one Region with the scan function, in as many invocations of one instance as it takes.
 * @throws where a log group was lost or counted twice
 */
export async function continuationsBench(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'logseal-bench-'));
  const file = await bundle(join(root, 'functions/scan.ts'), directory);
  const stackOptions = { template: join(root, 'template.yaml'), run: false, parameters: { KeyId: 'alias/logseal' } };
  const sandbox = await startSandbox({ world: mostlySealed(), stack: stackOptions });
  const { stack } = sandbox;
  if (!stack) throw new Error('no stack');
  const instance = fork(join(root, 'bench/invoked.mjs'), [file], {
    // As Lambda's runtime for Node sets it.
    execArgv: [`--max-old-space-size=${Math.floor(MEMORY_MB * 0.9)}`],
    env: stack.environment('ScanFunction'),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(instance, 'message');
  const last = (type: string) =>
    stack
      .events()
      .filter((event) => event['detail-type'] === type)
      .at(-1);
  let event: unknown = JSON.parse(await readFile(join(root, 'events/schedule.json'), 'utf8'));
  let [invocations, seconds, peakBytes] = [0, 0, 0];
  do {
    if (invocations === MOST) throw new Error(`not complete after ${MOST} invocations`);
    instance.send({ event, awsRequestId: `invocation-${++invocations}`, lastsMs: TIME_TO_STOP_MS + SCANS_FOR_MS });
    const [cost] = await once(instance, 'message');
    seconds += cost.seconds;
    peakBytes = cost.peakBytes;
    const message = {
      messageId: 'm',
      body: JSON.stringify(last('Scan Requested')),
      attributes: { ApproximateReceiveCount: '1' },
    };
    event = { Records: [{ ...message, eventSource: 'aws:sqs' }] };
  } while (!last('Scan Completed'));
  instance.kill();
  const { status, counts } = (last('Scan Completed')?.detail ?? {}) as {
    status: string;
    counts: Record<string, number>;
  };
  const findings = stack.events().filter((one) => one['detail-type'] === 'Log Store Finding');
  const names = new Set(findings.map(({ detail }) => (detail as { name: string }).name));
  await sandbox.close();
  await rm(directory, { recursive: true });
  const found = `${status}, ${counts['stores']} log groups, ${counts['nonCompliant']} not compliant, ${names.size} reported in ${findings.length} findings`;
  process.stdout.write(
    `scan function, ${GROUPS} log groups: ${invocations} invocations of ${SCANS_FOR_MS / 1000} s, ${seconds.toFixed(0)} s in all, ` +
      `peak ${mebibytes(peakBytes)} (it has ${MEMORY_MB} MB); ${found}\n`,
  );
  const isWhole =
    counts['stores'] === GROUPS &&
    counts['nonCompliant'] === PLAIN &&
    names.size === PLAIN &&
    findings.length === PLAIN;
  if (!isWhole) throw new Error(`expected ${GROUPS} log groups and ${PLAIN} findings, each once`);
}

function mostlySealed(): World {
  return {
    region: 'eu-west-1',
    policies: { logs: DELEGATING_POLICY },
    keys: { logseal: { alias: 'alias/logseal', policy: 'logs' } },
    bulk: [
      { name: '/plain/{n}', count: PLAIN },
      { name: '/sealed/{n}', count: GROUPS - PLAIN, key: 'logseal' },
    ],
  };
}
