import { expect, it } from 'vitest';
import { stakesText } from '../../cli/stakes.ts';
import type { Canary } from '../../lib/app/change/apply-canary.ts';
import type { Keys } from '../../lib/app/ports.ts';
import type { Step } from '../../lib/domain/plan-step.ts';
import { aKeyArn, aLogGroup, aStep } from '../support/builders.ts';
import { aCloudError, fakeCloud } from '../support/fake-cloud.ts';

const UNDO = 'logseal undo --run r';
const ALIAS = 'arn:aws:kms:eu-west-1:111122223333:alias/logs';
const sealWith = (...names: string[]) => names.map((name) => aStep({ toKeyArn: aKeyArn(name) }));

interface Given {
  readonly steps?: readonly Step[];
  readonly required?: boolean;
  readonly canary?: Canary;
  readonly aliases?: Keys['aliases'];
}

function stakes(
  names: readonly string[],
  configured: string,
  { steps = sealWith(...names), required = false, canary, aliases }: Given = {},
): Promise<string> {
  const { cloud } = fakeCloud();
  const { aliases: _, ...others } = cloud.keys;
  const keys = aliases ? { ...others, aliases } : others;
  return stakesText(steps, { configured, required, targets: [] }, canary ?? null, UNDO, () => ({ ...cloud, keys }));
}

it('an alias is shown with the key of each Region, each once, and no alias is asked for', async () => {
  const aliases = () => Promise.reject(new Error('asked'));

  expect(await stakes(['x', 'y', 'x'], 'alias/logs', { aliases })).toBe(
    `The key is alias/logs: ${aKeyArn('x')}, ${aKeyArn('y')}\nTo take it back: ${UNDO}\n`,
  );
});

it.each([
  ['its aliases', async () => [ALIAS, `${ALIAS}2`], `, alias ${ALIAS}, ${ALIAS}2`],
  ['five aliases at most', async () => Array(7).fill(ALIAS), `, alias ${Array(5).fill(ALIAS).join(', ')} and 2 more`],
  ['that it has none', async () => [], ', which has no alias'],
  [
    'that they are not known, where they cannot be listed',
    () => Promise.reject(aCloudError('ACCESS_DENIED')),
    ' (its aliases are not known: ACCESS_DENIED, a:Call)',
  ],
  ['nothing else, where the provider has none', undefined, ''],
])('a key that is named by its ARN is shown once, with %s', async (_, aliases, expected) => {
  expect(await stakes(['x', 'x'], aKeyArn('x'), aliases && { aliases })).toBe(
    `The key is ${aKeyArn('x')}${expected}\nTo take it back: ${UNDO}\n`,
  );
});

it('a bug is not taken for a refusal', async () => {
  const aliases = () => Promise.reject(new TypeError('a bug'));

  await expect(stakes(['x'], aKeyArn('x'), { aliases })).rejects.toThrow('a bug');
});

it('of many keys, five are shown', async () => {
  const many = ['1', '2', '3', '4', '5', '6', '7'];

  expect(await stakes(many, 'alias/logs')).toContain(`${aKeyArn('5')} and 2 more\n`);
});

it.each([
  [false, 'is not compliant and is replaced'],
  [true, 'is replaced even if it is healthy'],
])('the log stores that have another key now are counted; --require-key: %s', async (required, what) => {
  const [key, old] = [aKeyArn('x'), aKeyArn('old')];
  const from = (fromKeyArn: string | null) => aStep({ toKeyArn: key, fromKeyArn });
  const after = `To take it back: ${UNDO}\nUndo cannot attach an earlier key again that does not work: such a log store then keeps the new key\n`;
  const linesAfterKey = async (...steps: Step[]) =>
    (await stakes([], 'alias/logs', { steps, required })).replace(/^.*\n/, '');

  expect(await linesAfterKey(from(old), from(null), from(key))).toBe(
    `1 of them has another key now, which ${what}\n${after}`,
  );
  expect(await linesAfterKey(from(old), from(old))).toBe(`2 of them have another key now, which ${what}\n${after}`);
});

it('with a canary, how many log stores are receiving logs', async () => {
  const stores = ['/a', '/b'].map((name) => ({ store: aLogGroup(name), toKeyArn: aKeyArn(), eventsPerMinute: 1 }));
  const canary = { asked: 2, minutes: 10, receiving: 3, stores };

  expect((await stakes(['w', 'x', 'y', 'z'], 'alias/logs', { canary })).split('\n')[1]).toBe(
    'Receiving logs now: 3 of 4 log stores; 2 of them are sealed first, and watched for 10 minutes',
  );
});
