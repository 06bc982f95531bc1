import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { PolicyOutcome } from '../../../lib/app/key/repair-key-policy.ts';
import type { PlannedPolicyUndo } from '../../../lib/app/key/undo-key-policy.ts';
import type { Step } from '../../../lib/domain/plan-step.ts';
import type { Colors } from '../../../lib/report/colors.ts';
import { keyPolicies } from '../../../lib/report/table.ts';
import { undoPreview } from '../../../lib/report/tables/undo-preview.ts';
import { aKeyArn, aPolicyEntry, aReason, aReport, aStep } from '../../support/builders.ts';
import { COLORED, PLAIN, RED, reportOptions } from '../builders.ts';

const KEY = aKeyArn();

const FROM = '{"Version":"2012-10-17","Statement":[{"Sid":"Root"},{"Sid":"Old"}]}';
const TO = '{"Version":"2012-10-17","Statement":[{"Sid":"Root"},{"Sid":"New"}]}';

const preview = (steps: readonly Step[], policies: readonly PlannedPolicyUndo[], paint: Colors = PLAIN) =>
  undoPreview(steps, policies, [], reportOptions({ paint }));

describe('what undo would do', () => {
  const STEPS: readonly Step[] = [
    aStep({ name: '/none', action: 'UNSEAL', fromKeyArn: KEY, toKeyArn: null }),
    aStep({ name: '/old', fromKeyArn: KEY, toKeyArn: aKeyArn('old') }),
    aStep({ name: '/back', action: 'NONE', toKeyArn: null }),
    aStep({ name: '/theirs', action: 'NONE', fromKeyArn: aKeyArn('theirs'), refusal: aReason('KEY_DISABLED') }),
  ];
  const entry = aPolicyEntry({ from: FROM, to: TO });
  const NOW = '{"Version":"2012-10-17","Statement":[{"Sid":"Root"},{"Sid":"New"},{"Sid":"Theirs"}]}';
  const THEN = '{"Version":"2012-10-17","Statement":[{"Sid":"Root"},{"Sid":"Theirs"}]}';
  const REPAIR: PlannedPolicyUndo = { kind: 'CHANGE', entry, change: { keyArn: KEY, from: NOW, to: THEN } };
  const settled = (outcome: Pick<PolicyOutcome, 'outcome' | 'refusal'>): PlannedPolicyUndo => ({
    kind: 'SETTLED',
    entry,
    outcome: { keyArn: KEY, error: null, inEffect: false, ...outcome },
  });

  it('shows each log store, which are left and why, and the key policies as they will be', () => {
    const text = preview(STEPS, [REPAIR]);

    expect(text).toMatch(/^UNSEAL +\/none +logseal$/m);
    expect(text).toMatch(/^SEAL +\/old +logseal$/m);
    expect(text).toMatch(/^nothing to undo +\/back +-$/m);
    expect(text).toMatch(/^left: KEY_DISABLED +\/theirs +theirs$/m);
    expect(text).toContain('\nLeft as they are, and why\nHIGH KEY_DISABLED × 1\n');
    expect(text).toContain('-      "Sid": "New"\n-    },\n-    {\n       "Sid": "Theirs"\n');
    expect(text).toContain(`\nattaches ${aKeyArn('old')} to 1 log store\n`);
    expect(text).toMatch(
      /\n1 log store to unseal, 1 to seal with the key that the journal says it had, 1 key policy to change back, 1 left as it is\n$/,
    );
  });

  it('has no table if it is for a key policy alone', () => {
    expect(preview([], [REPAIR])).toMatch(/^(=+\n)?--- arn:/);
    expect(preview([], [REPAIR], COLORED)).toContain(`${RED}-      "Sid": "New"`);
  });

  it('shows why a key policy is left, and no difference of it', () => {
    const text = preview([], [settled({ outcome: 'REFUSED', refusal: aReason('KEY_WRONG_REGION') })]);

    expect(text).toContain('Left as they are, and why\nHIGH KEY_WRONG_REGION × 1\n');
    expect(text).not.toContain('@@');
    expect(text).toMatch(/\nnothing to undo, 1 left as it is\n$/);
  });

  it.each([
    ['LogsealReadersAndWriters', 'whoever writes or reads the logs'],
    ['LogsealLogGroups', 'CloudWatch Logs itself'],
  ])('says what log groups may lose without the statement %s', (sid, who) => {
    const from = JSON.stringify({ Statement: [{ Sid: sid }, { Sid: 'Root' }] });
    const undone = (to: string) => preview([], [{ kind: 'CHANGE', entry, change: { keyArn: KEY, from, to } }]);

    expect(undone('{"Statement":[{"Sid":"Root"}]}')).toContain(
      `\nnote: without the statement "${sid}", ${who} may no longer be able to use ${KEY}: log groups that are already sealed with it may fall silent or become unreadable\n`,
    );
    expect(undone(from)).not.toContain('note:');
    expect(preview([], [REPAIR])).not.toContain('note:');
  });

  it('counts the log stores that each key would be attached to', () => {
    const to = (key: string) => aStep({ name: `/${key}`, toKeyArn: aKeyArn('old') });
    const text = preview([to('a'), to('b'), aStep({ name: '/c', toKeyArn: aKeyArn('older') })], []);

    expect(text).toContain(
      `\nattaches ${aKeyArn('old')} to 2 log stores\nattaches ${aKeyArn('older')} to 1 log store\n`,
    );
  });

  it('names the later runs that changed log stores, and the first of these', () => {
    const many = Array.from({ length: 1007 }, (_, index) =>
      aStep({ name: `/${index}`, action: 'UNSEAL', toKeyArn: null, laterRuns: ['run-2'] }),
    );
    const text = preview([...many, aStep({ name: '/x', laterRuns: ['run-2', 'run-3'] })], []);

    expect(text).toContain(
      '\n/0, /1, /2, /3, /4, 1,003 more were changed again by run run-2\n/x was changed again by run run-3\n',
    );
  });

  it('names the account where the run was in several', () => {
    const targets = ['111122223333', '444455556666'].map((account) => aReport({ account }));

    expect(undoPreview(STEPS, [], targets, reportOptions())).toMatch(/^UNSEAL +111122223333 +\/none /m);
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
    expect(last([seal, seal], [])).toBe('2 log stores to seal with the keys that the journal says they had');
    expect(last([], [REPAIR])).toBe('1 key policy to change back');
    expect(last([], [settled({ outcome: 'UNCHANGED', refusal: null })])).toBe('nothing to undo');
    expect(last([none], [])).toBe('nothing to undo');
  });

  it('says the same without colours', () => {
    expect(stripVTControlCharacters(preview(STEPS, [REPAIR], COLORED))).toBe(preview(STEPS, [REPAIR]));
  });

  it('shows the worst 50 log stores, or all of them', () => {
    const steps = Array.from({ length: 60 }, (_, index) => aStep({ name: `/app/${index}`, action: 'UNSEAL' }));

    expect(preview(steps, []).match(/^UNSEAL /gm)).toHaveLength(50);
    expect(preview(steps, [])).toContain('… and 10 more: add --all to show every row\n');
    expect(undoPreview(steps, [], [], reportOptions({ showAll: true })).match(/^UNSEAL /gm)).toHaveLength(60);
  });
});

it('key policies are counted', () => {
  expect(keyPolicies([1])).toBe('1 key policy');
  expect(keyPolicies([])).toBe('0 key policies');
});
