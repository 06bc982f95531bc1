import { expect, it } from 'vitest';
import { failed, leftAsItIs, type NoStep, skipped } from '../../lib/domain/plan-step.ts';
import { aReason, aStep } from '../support/builders.ts';

const NONE: NoStep = { ...aStep(), action: 'NONE', refusal: null };
const REFUSED: NoStep = { ...NONE, refusal: aReason('KEY_DISABLED') };

it('a step with nothing to do stays UNCHANGED, and a refused one is REFUSED with its refusal', () => {
  expect(leftAsItIs(NONE)).toEqual({ ...NONE, outcome: 'UNCHANGED', error: null });
  expect(leftAsItIs(REFUSED)).toEqual({ ...REFUSED, outcome: 'REFUSED', error: null });
});

it('a step that failed has the error of the cloud, nothing else of it, and no refusal', () => {
  const error = { code: 'THROTTLED', message: 'too fast', call: 'logs:AssociateKmsKey', isTransient: true };

  expect(failed(aStep(), error)).toEqual({
    ...aStep(),
    outcome: 'FAILED',
    error: { code: 'THROTTLED', message: 'too fast' },
  });
  expect(failed(REFUSED, error)).toMatchObject({ outcome: 'FAILED', refusal: null });
});

it('a step that was not tried is SKIPPED, with neither refusal nor error', () => {
  expect(skipped(aStep())).toEqual({ ...aStep(), outcome: 'SKIPPED', error: null });
  expect(skipped(REFUSED)).toMatchObject({ outcome: 'SKIPPED', refusal: null, error: null });
});
