import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ringsAtMs } from '../support/alarm.ts';
import { alarmOf } from '../template/resources.ts';
import { type DeployedCloud, KEY_ARN, startCloud } from './cloud.ts';
import { describeCreatedKey } from './created-key.ts';
import { type Deployment, deploy, emulator, metricLines, remove, writeParameter } from './deployment.ts';
import { describeRules } from './rules.ts';
import { keyPolicyEvent, logGroupEvent, sample } from './samples.ts';
import { sayWhy } from './say-why.ts';
import { undo } from './undo.ts';
import { until } from './until.ts';
import { type BusWatch, watchBus } from './watch-bus.ts';

const STACK = 'logseal-story';
const PARAMETER = '/logseal/config';
const COMMON = { KeyId: KEY_ARN, ConfigUri: `ssm:${PARAMETER}` };
const EVERY_MINUTE = { ...COMMON, Mode: 'Audit', ScheduleExpression: 'rate(1 minute)' };
const ENFORCE = { ...COMMON, Mode: 'Enforce', ScheduleExpression: 'rate(1 day)' };
const GROUPS = { groups: { '/app/bare': null, '/app/dead': 'disabled', '/app/sealed': 'logseal' } };

let cloud: DeployedCloud;
let stack: Deployment;
let bus: BusWatch;
let keysBefore: Record<string, string | undefined>;
/** The runs that sealed. */
let runs: string[];

beforeAll(async () => {
  cloud = await startCloud(EVERY_MINUTE, GROUPS);
  keysBefore = await cloud.keys();
  await writeParameter(PARAMETER, 'schema: logseal/config/1');
  stack = await deploy(STACK, EVERY_MINUTE, cloud.url);
  bus = await watchBus(STACK);
});
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await sayWhy(stack, cloud);
});
afterAll(() => cloud?.close());

describe('a stack that sam deploy created', () => {
  // These run here because the schedule needs a minute anyway.
  describeRules(() => stack.ids, STACK);
  describeCreatedKey();

  it('scans by its schedule, sends findings, and changes nothing in Audit mode', async () => {
    const outcomes = await bus.take('Remediation Outcome', 2, { withinMs: 100_000 });

    expect(namesAnd('outcome', outcomes)).toEqual({ '/app/bare': 'UNCHANGED', '/app/dead': 'UNCHANGED' });
    expect(cloud.recorder.calls.map(({ functionId }) => functionId)).toContain('RemediateFunction');
    expect(cloud.recorder.calls.filter(({ operation }) => !/^(Describe|Get|List)/.test(operation))).toEqual([]);
    expect(await cloud.keys()).toEqual(keysBefore);
  });

  it('seals after an update to Enforce', async () => {
    stack = await deploy(STACK, ENFORCE, cloud.url);
    await stack.invoke('ScanFunction', await sample('schedule'));

    // An Audit scan may have started just before the update.
    const outcomes = await bus.take('Remediation Outcome', 2, { mode: 'Enforce' });
    expect(namesAnd('outcome', outcomes)).toEqual({ '/app/bare': 'SEALED', '/app/dead': 'SEALED' });
    expect(Object.values(await cloud.keys())).toEqual([KEY_ARN, KEY_ARN, KEY_ARN]);
    expect(cloud.recorder.made('AssociateKmsKey')).toHaveLength(2);
    runs = [...new Set(outcomes.map(({ runId }) => String(runId)))];
  });

  it('scans when a key changes', async () => {
    await stack.queue('ScanQueue').send(await sample('disable-key'));

    const [completed] = await bus.take('Scan Completed', 1);

    expect(completed).toMatchObject({ status: 'COMPLETE', counts: { stores: 3, compliant: 3 } });
  });

  it('looks at a key alone when its policy changes, unless log groups are sealed with it', async () => {
    const listings = cloud.recorder.made('DescribeLogGroups').length;
    const others = Array.from({ length: 8 }, (_, index) => KEY_ARN.replace(/[^/]+$/, `${index}-unrelated`));
    const queue = stack.queue('ScanQueue');
    for (const keyArn of others) await queue.send(await keyPolicyEvent(keyArn));

    const findings = await bus.take('Key Finding', 8);

    expect(findings.map(({ keyArn }) => keyArn).toSorted()).toEqual(others);
    expect(findings.every(({ isConfigured }) => isConfigured === false)).toBe(true);
    await queue.send(await keyPolicyEvent(KEY_ARN));
    await bus.take('Scan Completed', 1);
    // Of the nine changes, only that of the configured key was worth a scan: one page of log groups.
    expect(cloud.recorder.made('DescribeLogGroups')).toHaveLength(listings + 1);
  });

  it('raises an alarm within 15 minutes when a call that it depends on fails', async () => {
    const fromMs = Date.now();
    cloud.setFaults([{ call: 'logs:DescribeLogGroups', kind: 'deny' }]);

    await stack.queue('ScanQueue').send(await sample('scan-requested'));
    const [completed] = await bus.take('Scan Completed', 1);
    cloud.setFaults([]);

    expect(completed).toMatchObject({ status: 'FAILED', error: { code: 'ACCESS_DENIED' } });
    const lines = await until('ScanFailed in the log of the function', 30_000, async () => {
      const all = await metricLines(stack.ids['ScanLogs']);
      return all.some((line) => 'ScanFailed' in line) && all;
    });
    const rings = { fromMs, untilMs: fromMs + 15 * 60_000 };
    expect(ringsAtMs(alarmOf('ScanFailedAlarm'), lines, rings)).not.toBeNull();
    expect(ringsAtMs(alarmOf('FailedAgainAlarm'), lines, rings)).toBeNull();
  });

  it('is undone by the command line, from its journal table', async () => {
    const undone = [];
    for (const run of runs) undone.push(await undo(stack, cloud, ['--run', run]));

    // The key that /app/dead had before is disabled, so it is not attached again.
    const steps = undone.flatMap((each) => each.steps);
    expect(namesAnd('outcome', steps)).toEqual({ '/app/bare': 'UNSEALED', '/app/dead': 'REFUSED' });
    expect(await cloud.keys()).toMatchObject({ '/app/bare': undefined, '/app/dead': KEY_ARN });
    const again = await undo(stack, cloud, ['--store', '/app/bare']);
    expect(namesAnd('outcome', again.steps)).toEqual({ '/app/bare': 'SEALED' });
  }, 60_000);

  it('leaves a log group alone whose key somebody removed twice', async () => {
    const name = '/app/owned';
    await cloud.createLogGroup(name);
    const outcomeOf = async (event: string) => {
      await stack.queue('RemediateQueue').send(await logGroupEvent(event, name));
      const [outcome] = await bus.take('Remediation Outcome', 1);
      return outcome;
    };

    expect(await outcomeOf('create-log-group')).toMatchObject({ outcome: 'SEALED' });
    await cloud.removeKey(name);
    expect(await outcomeOf('disassociate-kms-key')).toMatchObject({ outcome: 'SEALED' });
    await cloud.removeKey(name);

    expect(await outcomeOf('disassociate-kms-key')).toMatchObject({
      outcome: 'REFUSED',
      refusal: { code: 'FLAPPING', severity: 'HIGH', message: expect.stringContaining('infrastructure code') },
    });
    expect((await cloud.keys())[name]).toBeUndefined();
  });

  it('takes an exemption from the parameter within two minutes and without a deployment, and a broken one stops sealing alone', async () => {
    /** Creates log groups until the outcome of one is what it should be. @returns that log group */
    const untilRefused = (area: string, code: string) => {
      let created = 0;
      return until(`a log group refused ${code}`, 120_000, async () => {
        const name = `/${area}/${++created}`;
        await cloud.createLogGroup(name);
        await stack.queue('RemediateQueue').send(await logGroupEvent('create-log-group', name));
        const [outcome] = await bus.take('Remediation Outcome', 1);
        return (outcome?.['refusal'] as { code: string } | null)?.code === code && name;
      });
    };
    const scanned = () =>
      until('a scan by the new parameter', 120_000, async () => {
        await stack.invoke('ScanFunction', await sample('schedule'));
        const [completed] = await bus.take('Scan Completed', 1);
        return completed?.['config'] === 'UNREADABLE' && completed;
      });
    const expires = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
    const exemption = { id: 'vendor', match: { names: ['/vendor/*'] }, reason: 'r', owner: 'o', expires };

    await writeParameter(PARAMETER, JSON.stringify({ schema: 'logseal/config/1', exemptions: [exemption] }));
    const exempt = await untilRefused('vendor', 'EXEMPT');
    await writeParameter(PARAMETER, 'schema: logseal/config/1\nexemptions: [{ id: vendor }]');
    const stopped = await untilRefused('new', 'CONFIG_UNREADABLE');

    expect(await scanned()).toMatchObject({ status: 'COMPLETE', error: null });
    const keys = await cloud.keys();
    expect([keys[exempt], keys[stopped]]).toEqual([undefined, undefined]);
    const lines = await metricLines(stack.ids['RemediateLogs']);
    expect(lines.some((line) => 'ConfigUnreadable' in line)).toBe(true);
    await writeParameter(PARAMETER, 'schema: logseal/config/1');
  }, 400_000);

  it('needed no right that its roles do not have', async () => {
    expect(await cloud.refusedRights()).toEqual([]);
  });

  it('moves a malformed message to the dead-letter queue', async () => {
    const [queue, deadLetters] = [stack.queue('RemediateQueue'), stack.queue('RemediateDeadLetterQueue')];
    await queue.setAttributes({ VisibilityTimeout: '1' });
    await queue.send('no event at all');

    const [letter] = await until('a dead letter', 60_000, async () => {
      const messages = await deadLetters.receive();
      return messages.length > 0 && messages;
    });

    expect(letter?.Body).toBe('no event at all');
    await queue.setAttributes({ VisibilityTimeout: '1800' });
  });

  it('retains its log groups when it is deleted', async () => {
    const { ids } = stack;
    await remove(STACK);

    const { logGroups = [] } = await emulator().logs.send(new DescribeLogGroupsCommand({}));
    const names = logGroups.map(({ logGroupName }) => logGroupName);
    expect(names).toEqual(expect.arrayContaining([ids['ScanLogs'], ids['RemediateLogs']]));
  });
});

function namesAnd(field: string, steps: readonly Record<string, unknown>[]): Record<string, unknown> {
  return Object.fromEntries(steps.map((step) => [(step['store'] as { name: string }).name, step[field]]));
}
