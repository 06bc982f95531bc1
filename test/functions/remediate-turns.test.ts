import { expect, onTestFinished, test } from 'vitest';
import { leapingClock } from '../../sandbox/leaping-clock.ts';
import { aFindingEvent } from '../events/builders.ts';
import { aWorldOf, many } from './remediations.ts';
import { aStack, countBy } from './stack.ts';

test('many copies seal the log groups of one account and Region in turns, lose nothing and keep near its quota', async () => {
  const names = many(400);
  const clock = leapingClock();
  onTestFinished(() => clock.close());
  const world = { ...aWorldOf(names), quotas: 'aws' as const };
  const parameters = { RemediateConcurrency: '6' };
  const stack = await aStack({ world, mode: 'Enforce', clock, timeScale: 1, parameters });
  stack.sandbox.setFaults([{ call: 'logs:*', kind: 'latency', latencyMs: 100 }]);

  await stack.queue('RemediateQueue', ...names.map((name) => aFindingEvent(name)));

  expect(countBy(stack.outcomes())).toEqual({ SEALED: 400 });
  expect(stack.changes()).toBe(400);
  const logs = stack.stack.logs('RemediateFunction');
  expect(logs.some((line) => line.includes('put back while others work'))).toBe(true);
  expect(logs.filter((line) => line.includes('"ERROR"'))).toEqual([]);
  const throttled = stack.sandbox.calls()['throttled:logs:AssociateKmsKey'] ?? 0;
  expect(throttled / (400 + throttled)).toBeLessThan(0.2);
  stack.noDeadLetters();
}, 120_000);
