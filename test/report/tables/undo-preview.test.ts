import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { PolicyEntry } from '../../../lib/domain/journal.ts';
import type { Step } from '../../../lib/domain/plan-step.ts';
import type { Colors } from '../../../lib/report/colors.ts';
import { keyPolicies } from '../../../lib/report/table.ts';
import { undoPreview } from '../../../lib/report/tables/undo-preview.ts';
import { aKeyArn, aPolicyEntry, aReason, aStep } from '../../support/builders.ts';
import { COLORED, PLAIN, RED } from '../builders.ts';

const KEY = aKeyArn();

const FROM = '{"Version":"2012-10-17","Statement":[{"Sid":"Root"},{"Sid":"Old"}]}';
const TO = '{"Version":"2012-10-17","Statement":[{"Sid":"Root"},{"Sid":"New"}]}';

const preview = (steps: readonly Step[], policies: readonly PolicyEntry[], paint: Colors = PLAIN) =>
  undoPreview(steps, policies, paint, false);

describe('what undo would do', () => {
  const STEPS: readonly Step[] = [
    aStep({ name: '/none', action: 'UNSEAL', fromKeyArn: KEY, toKeyArn: null }),
    aStep({ name: '/old', fromKeyArn: KEY, toKeyArn: aKeyArn('old') }),
    aStep({ name: '/back', action: 'NONE', toKeyArn: null }),
    aStep({ name: '/theirs', action: 'NONE', fromKeyArn: aKeyArn('theirs'), refusal: aReason('KEY_DISABLED') }),
  ];
  const REPAIR = aPolicyEntry({ from: FROM, to: TO });

  it('shows each log store, which are left and why, and the key policies as they will be', () => {
    const text = preview(STEPS, [REPAIR]);

    expect(text).toMatch(/^UNSEAL +eu-west-1 +\/none +logseal +-$/m);
    expect(text).toMatch(/^SEAL +eu-west-1 +\/old +logseal +old$/m);
    expect(text).toMatch(/^nothing to undo +eu-west-1 +\/back +- +-$/m);
    expect(text).toMatch(/^left: KEY_DISABLED +eu-west-1 +\/theirs +theirs +-$/m);
    expect(text).toContain('\nLeft as they are, and why\nHIGH KEY_DISABLED × 1\n');
    expect(text).toContain('-      "Sid": "New"\n+      "Sid": "Old"\n');
    expect(text).toMatch(/\n1 log store to unseal, 1 to seal with the key it had, 1 key policy to put back\n$/);
  });

  it('has no table if it is for a key policy alone', () => {
    expect(preview([], [REPAIR])).toMatch(/^(=+\n)?--- arn:/);
    expect(preview([], [REPAIR], COLORED)).toContain(`${RED}-      "Sid": "New"`);
  });

  it('of nothing is one line', () => {
    expect(preview([], [])).toBe('nothing to undo\n');
  });

  it('counts nothing that there is none of', () => {
    const last = (...args: Parameters<typeof preview>) =>
      preview(...args)
        .trimEnd()
        .split('\n')
        .at(-1);
    const [unseal, seal, none] = STEPS as [Step, Step, Step];

    expect(last([unseal], [])).toBe('1 log store to unseal');
    expect(last([seal, seal], [])).toBe('2 log stores to seal with the keys they had');
    expect(last([], [REPAIR])).toBe('1 key policy to put back');
    expect(last([none], [])).toBe('nothing to undo');
  });

  it('says the same without colours', () => {
    expect(stripVTControlCharacters(preview(STEPS, [REPAIR], COLORED))).toBe(preview(STEPS, [REPAIR]));
  });

  it('shows the worst 50 log stores, or all of them', () => {
    const steps = Array.from({ length: 60 }, (_, index) => aStep({ name: `/app/${index}`, action: 'UNSEAL' }));

    expect(preview(steps, []).match(/^UNSEAL /gm)).toHaveLength(50);
    expect(preview(steps, [])).toContain('… and 10 more: add --all to show every row\n');
    expect(undoPreview(steps, [], PLAIN, true).match(/^UNSEAL /gm)).toHaveLength(60);
  });
});

it('key policies are counted', () => {
  expect(keyPolicies([1])).toBe('1 key policy');
  expect(keyPolicies([])).toBe('0 key policies');
});
