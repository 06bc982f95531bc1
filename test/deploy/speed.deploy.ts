import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type DeployedCloud, startCloud } from './cloud.ts';
import { type Deployment, deploy, remove } from './deployment.ts';
import { pollAsLambdaDoes } from './lambda-poller.ts';
import { createLogGroupEvent } from './samples.ts';
import { say } from './say.ts';
import { sayWhy } from './say-why.ts';
import { until } from './until.ts';

const STACK = 'logseal-speed';
// An alias, because the other tests give the role the key's ARN.
const PARAMETERS = { KeyId: 'alias/logseal', Mode: 'Enforce' };

let cloud: DeployedCloud;
let stack: Deployment;

beforeAll(async () => {
  cloud = await startCloud(PARAMETERS, { groups: { '/before/sealed': 'logseal' } });
  stack = await deploy(STACK, PARAMETERS, cloud.url);
});
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await sayWhy(stack, cloud);
});
afterAll(async () => {
  await remove(STACK);
  await cloud.close();
});

describe('from a CreateLogGroup event in the queue of the rule to the sealed log group', () => {
  it("takes at most 10 s for 95 % of log groups that are created at 4 per second, with the emulator's polling", async () => {
    await measure('/emulator');
  });

  it("takes at most 10 s with Lambda's polling", async () => {
    const stopPolling = await pollAsLambdaDoes(stack, LAMBDA_POLLING);
    await measure('/lambda').finally(stopPolling);
    expect(await cloud.refusedRights()).toEqual([]);
  });

  it.runIf(process.env['LOGSEAL_BURST'])(
    'costs at most 40 reads and one change per group for 1,000 log groups that are created in a minute',
    { timeout: 400_000 },
    async () => {
      const stopPolling = await pollAsLambdaDoes(stack, LAMBDA_POLLING);
      cloud.recorder.calls.length = 0;
      const startedAt = performance.now();
      await sealed(await create('/burst', 1000, 1000 / 60), 380_000).finally(stopPolling);

      const took = seconds(performance.now() - startedAt);
      const reads = cloud.recorder.made('DescribeLogGroups').length;
      const changes = cloud.recorder.made('AssociateKmsKey').length;
      const requests = cloud.recorder.calls.filter(({ operation }) => operation === 'AssociateKmsKey').length;
      say(
        `  1,000 log groups in a minute: all sealed ${took} after the first was created; ${reads} reads, ${changes} changes`,
      );
      say(`  (${requests} requests for changes, including throttled ones: AWS allows 5 per second)`);
      expect(reads).toBeLessThanOrEqual(40);
      expect(changes).toBe(1000);
    },
  );
});

/** The settings of the remediate function's queue in template.yaml. */
const LAMBDA_POLLING = { batchSize: 50, windowMs: 2_000, concurrency: 2 };

async function measure(prefix: string): Promise<void> {
  const sentAtMs = await create(prefix, 40, 4);
  const latencies = [...(await sealed(sentAtMs, 60_000)).values()].sort((a, b) => a - b);
  const [median = Number.NaN, p95 = Number.NaN, slowest = Number.NaN] = [latencies[19], latencies[37], latencies[39]];
  say(`  40 log groups at 4/s: median ${seconds(median)}, p95 ${seconds(p95)}, slowest ${seconds(slowest)}`);
  expect(p95).toBeLessThanOrEqual(10_000);
}

/** Creates log groups at a steady rate, and sends CloudTrail's event about each to the rule's queue. @returns the times, by name */
async function create(prefix: string, count: number, perSecond: number): Promise<Map<string, number>> {
  const queue = stack.queue('RemediateQueue');
  const sentAtMs = new Map<string, number>();
  const startedAt = performance.now();
  for (let n = 0; n < count; n++) {
    await wait(Math.max(0, startedAt + (n * 1000) / perSecond - performance.now()));
    const name = `${prefix}/${n}`;
    await cloud.createLogGroup(name);
    sentAtMs.set(name, performance.now());
    await queue.send(await createLogGroupEvent(name));
  }
  return sentAtMs;
}

/** Waits until every log group is sealed. @returns how long each took, in milliseconds, by name */
async function sealed(sentAtMs: ReadonlyMap<string, number>, withinMs: number): Promise<Map<string, number>> {
  const latencies = new Map<string, number>();
  await until(`${sentAtMs.size} groups to be sealed`, withinMs, () => {
    for (const { input, answeredAtMs } of cloud.recorder.made('AssociateKmsKey')) {
      const name = String(input['logGroupName'] ?? input['resourceIdentifier']);
      const sentAt = sentAtMs.get(name);
      if (sentAt !== undefined) latencies.set(name, answeredAtMs - sentAt);
    }
    return latencies.size === sentAtMs.size;
  });
  return latencies;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
