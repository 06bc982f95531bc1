import { CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { expect, onTestFinished, test } from 'vitest';
import { CONFIG_LASTS_MS } from '../../lib/pacing.ts';
import { leapingClock } from '../../sandbox/leaping-clock.ts';
import { aLogGroupChange } from '../events/builders.ts';
import { clients } from '../sandbox/support.ts';
import { REGION } from '../support/builders.ts';
import { aWorld } from '../support/logseal.ts';
import { aStack } from './stack.ts';

const PARAMETER = '/logseal/config';
const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const exemption = (name: string, days = 100) => ({
  id: name.slice(1).replaceAll(/\W/g, '-'),
  match: { names: [name] },
  reason: 'its agent cannot write to an encrypted group',
  owner: 'platform@example.com',
  expires: day(days),
});
const file = (...exemptions: readonly object[]) => JSON.stringify({ schema: 'logseal/config/1', exemptions });

/** A stack in Enforce with a parameter, by a clock that leaps. */
async function aConfiguredStack(text: string, parameters: Readonly<Record<string, string>> = {}) {
  const clock = leapingClock();
  onTestFinished(() => clock.close());
  const world = aWorld({ groups: { '/vendor/a': null, '/app/b': null }, parameters: { [PARAMETER]: text } });
  const stack = await aStack({
    world,
    mode: 'Enforce',
    timeScale: 1,
    clock,
    parameters: { ConfigUri: `ssm:${PARAMETER}`, ...parameters },
  });
  const { logs } = clients(stack.sandbox);
  return {
    ...stack,
    /** Writes the parameter, and lets the time pass that a reading lasts. */
    async write(Value: string) {
      await stack.sandbox.carryOut(
        { call: 'ssm:PutParameter', input: { Name: PARAMETER, Value, Overwrite: true } },
        REGION,
      );
      await clock.wait(CONFIG_LASTS_MS);
    },
    /** Creates a log group, and delivers the event. @returns its outcome */
    async create(logGroupName: string) {
      await logs.send(new CreateLogGroupCommand({ logGroupName }));
      await stack.deliver(aLogGroupChange({ logGroupName }));
      return stack.outcomes().findLast(({ store }) => store.name === logGroupName);
    },
    metric: (name: string) => stack.stack.metrics().flatMap((line) => (name in line ? [line[name]] : [])),
    scanned: () => stack.events('Scan Completed').at(-1),
  };
}

test('what is written to the parameter takes effect without a deployment: an exemption, then mistakes, then another exemption', async () => {
  const stack = await aConfiguredStack(file(exemption('/vendor/*')));

  await stack.schedule();
  expect(stack.scanned()).toMatchObject({ status: 'COMPLETE', config: 'READ', counts: { exempt: 1 } });
  expect(await stack.keys()).toMatchObject({ '/vendor/a': null, '/app/b': expect.stringContaining(':key/') });
  expect(await stack.create('/vendor/c')).toMatchObject({ outcome: 'REFUSED', refusal: { code: 'EXEMPT' } });

  await stack.write('schema: logseal/config/1\nexemptions: []\nkyes: []\n');
  await stack.schedule();
  expect(stack.scanned()).toMatchObject({ status: 'COMPLETE', config: 'UNREADABLE', counts: { exempt: 0 } });
  const refused = await stack.create('/app/d');
  expect(refused).toMatchObject({ outcome: 'REFUSED', refusal: { code: 'CONFIG_UNREADABLE' } });
  expect(refused.refusal.message).toContain('line 3: kyes: unknown field');
  expect(stack.metric('ConfigUnreadable').length).toBeGreaterThan(0);
  expect(await stack.keys()).toMatchObject({ '/vendor/a': null, '/vendor/c': null, '/app/d': null });

  await stack.write(file(exemption('/app/d')));
  await stack.schedule();
  expect(stack.scanned()).toMatchObject({ config: 'READ', counts: { exempt: 1 } });
  expect(await stack.keys()).toMatchObject({ '/vendor/a': expect.any(String), '/app/d': null });
  stack.noDeadLetters();
});

test('notices are events, metrics and lines of the log', async () => {
  const stack = await aConfiguredStack(file(exemption('/vendor/*', 3), exemption('/gone/*')));

  await stack.schedule();

  expect(stack.events('Exemptions Reported')).toMatchObject([
    {
      exemptions: [
        { id: 'vendor--', notices: ['ENDS_SOON'] },
        { id: 'gone--', notices: ['UNMATCHED'], stores: 0 },
      ],
    },
  ]);
  const counted = ['ExemptionsExpired', 'ExemptionsEndingSoon', 'ExemptionsUnmatched'].map((name) =>
    stack.metric(name),
  );
  expect(counted).toEqual([[0], [1], [1]]);
  const lines = stack.stack
    .logs('ScanFunction')
    .flatMap((line) => (line.includes('"exemption"') ? [JSON.parse(line)] : []));
  expect(lines).toMatchObject([
    { id: 'vendor--', notices: 'ENDS_SOON', owner: 'platform@example.com' },
    { id: 'gone--', notices: 'UNMATCHED', stores: 0 },
  ]);
});

test('a parameter that does not exist stops sealing and not scanning', async () => {
  const stack = await aConfiguredStack(file(), { ConfigUri: 'ssm:elsewhere' });

  await stack.schedule();

  expect(stack.scanned()).toMatchObject({ status: 'COMPLETE', config: 'UNREADABLE' });
  expect(stack.outcomes().map(({ refusal }) => refusal?.code)).toEqual(['CONFIG_UNREADABLE', 'CONFIG_UNREADABLE']);
  expect(stack.changes()).toBe(0);
  stack.noDeadLetters();
});
