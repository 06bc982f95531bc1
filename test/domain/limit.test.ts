import { expect, it } from 'vitest';
import { limiter } from '../../lib/domain/limit.ts';
import { leftAsItIs } from '../../lib/domain/plan-step.ts';
import { aReason, aStep } from '../support/builders.ts';

const STEPS = [
  aStep({ name: '/a' }),
  aStep({ name: '/b', action: 'NONE', refusal: aReason('KEY_NOT_FOUND') }),
  aStep({ name: '/c', irreversible: true }),
  aStep({ name: '/d', irreversible: true }),
];

it('a limit leaves all but the first steps that seal for later, and refusals as they are', () => {
  const limited = STEPS.map(limiter(2));

  expect(limited.slice(0, 3)).toEqual(STEPS.slice(0, 3));
  const { irreversible: _, ...last } = STEPS[3] ?? aStep();
  expect(limited[3]).toEqual({ ...last, action: 'NONE', skippedBy: 'LIMIT' });
  expect(limited[3]).not.toHaveProperty('irreversible');
});

it('no limit leaves nothing for later', () => {
  expect(STEPS.map(limiter(null))).toEqual(STEPS);
});

it('what is left for later is SKIPPED', () => {
  const [, , , last] = STEPS.map(limiter(2));

  expect(last?.action === 'NONE' && leftAsItIs(last)).toMatchObject({
    outcome: 'SKIPPED',
    skippedBy: 'LIMIT',
    error: null,
  });
});
