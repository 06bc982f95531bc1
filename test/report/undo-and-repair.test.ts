import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { PolicyOutcome } from '../../lib/app/key/repair-key-policy.ts';
import type { KeyCheck } from '../../lib/domain/key-checks.ts';
import type { Step } from '../../lib/domain/plan-step.ts';
import { colors } from '../../lib/report/colors.ts';
import type { KeyCheckDocument, KeyRepairDocument, OutcomeDocument } from '../../lib/report/documents.ts';
import { keyCheckTable } from '../../lib/report/key-check-table.ts';
import { outcomeTable, undoTable } from '../../lib/report/plan-table.ts';
import { keyRepairText, paintDiff, policyDiff } from '../../lib/report/policy-diff.ts';
import {
  A_RUN,
  aKeyArn,
  aLogGroup,
  anOutcome,
  aPolicyEntry,
  aReason,
  aReport,
  aStep,
  TARGET,
} from '../support/builders.ts';

const PLAIN = colors(false);
const COLORED = colors(true);
const UNDO = 'logseal undo --run …';
const KEY = aKeyArn();
const RED = '\x1b[31m';
const GREEN = '\x1b[32m';
const YELLOW = '\x1b[33m';
const CYAN = '\x1b[36m';
const BOLD = '\x1b[1m';

const FROM = '{"Version":"2012-10-17","Statement":[{"Sid":"Root"},{"Sid":"Old"}]}';
const TO = '{"Version":"2012-10-17","Statement":[{"Sid":"Root"},{"Sid":"New"}]}';

function aCheck(check: Partial<KeyCheck> = {}): KeyCheck {
  return { check: 'FOUND', action: null, result: 'PASS', code: null, message: 'it is there', fix: null, ...check };
}
const FAILED = aCheck({ check: 'ENABLED', result: 'FAIL', ...aReason('KEY_DISABLED') });
const UNKNOWN = aCheck({
  check: 'CALLER_RIGHTS',
  action: 'kms:Encrypt',
  result: 'UNKNOWN',
  code: 'CALLER_MISSING_RIGHTS',
  message: 'nobody knows',
  fix: 'ask',
});

function aCheckDocument(...targets: readonly (readonly KeyCheck[])[]): KeyCheckDocument {
  return {
    schema: 'logseal/key-check/1',
    run: A_RUN,
    key: { configured: 'alias/logseal' },
    targets: targets.map((checks) => ({ store: aLogGroup(), keyArn: KEY, checks, apiCalls: {} })),
  };
}

describe('a key check', () => {
  it('shows every check with its result, and what fixes those that do not pass', () => {
    const text = keyCheckTable(aCheckDocument([aCheck(), FAILED, UNKNOWN]), PLAIN);

    expect(text).toMatch(/^alias\/logseal for \/app\/a in eu-west-1 \(arn:aws:kms:.*key\/logseal\)\n/);
    expect(text).toMatch(/^RESULT +CHECK +ACTION +WHY$/m);
    expect(text).toMatch(/^PASS +FOUND +- +it is there$/m);
    expect(text).toMatch(/^FAIL +ENABLED +- +the message of KEY_DISABLED$/m);
    expect(text).toMatch(/^UNKNOWN +CALLER_RIGHTS +kms:Encrypt +nobody knows$/m);
    expect(text).toContain(
      'What fixes it, or makes it known\nKEY_DISABLED × 1\n  the message of KEY_DISABLED\n  fix: the fix of KEY_DISABLED\nCALLER_MISSING_RIGHTS × 1\n  nobody knows\n  fix: ask\n',
    );
    expect(text).toMatch(/\n1 pass, 1 fail, 1 not known\n$/);
  });

  it('that passes needs no fix', () => {
    const text = keyCheckTable(aCheckDocument([aCheck()]), PLAIN);

    expect(text).toMatch(/\n1 pass, 0 fail, 0 not known\n$/);
    expect(text).not.toContain('fix');
  });

  it('of several Regions has a section for each', () => {
    const text = keyCheckTable(aCheckDocument([aCheck()], [FAILED]), PLAIN);

    expect(text.match(/^RESULT /gm)).toHaveLength(2);
    expect(text).toContain('\n1 pass, 0 fail, 0 not known\n\nalias/logseal for');
  });

  it('of a key that is not there says so', () => {
    const document = aCheckDocument([FAILED]);
    const targets = document.targets.map((target) => ({ ...target, keyArn: null }));

    expect(keyCheckTable({ ...document, targets }, PLAIN)).toContain('in eu-west-1 (its ARN is not known)\n');
  });

  it('is green, red and yellow', () => {
    const text = keyCheckTable(aCheckDocument([aCheck(), FAILED, UNKNOWN]), COLORED);

    expect(text).toContain(`${GREEN}PASS`);
    expect(text).toContain(`${RED}FAIL`);
    expect(text).toContain(`${YELLOW}UNKNOWN`);
  });
});

describe('the difference of two policies', () => {
  const diff = policyDiff({ keyArn: KEY, from: FROM, to: TO });

  it('is unified, both laid out alike', () => {
    const lines = diff.split('\n');

    expect(lines.slice(0, 2).map((line) => line.trim())).toEqual([`--- ${KEY} now`, `+++ ${KEY} then`]);
    expect(lines[2]).toMatch(/^@@ -\d+,\d+ \+\d+,\d+ @@$/);
    expect(lines.filter((line) => /^[-+] /.test(line))).toEqual(['-      "Sid": "Old"', '+      "Sid": "New"']);
    expect(diff).not.toContain('No newline');
  });

  it('shows no spacing', () => {
    const spaced = policyDiff({ keyArn: KEY, from: JSON.stringify(JSON.parse(FROM), null, 7), to: TO });

    expect(spaced).toBe(diff);
  });

  it('shows a text that is no JSON as it is', () => {
    expect(policyDiff({ keyArn: KEY, from: '{broken', to: TO })).toContain('-{broken\n');
  });

  it('has the colours that a terminal shows differences in', () => {
    const painted = paintDiff(diff, COLORED).split('\n');

    expect(painted[0]?.startsWith(`${BOLD}--- `)).toBe(true);
    expect(painted[1]?.startsWith(`${BOLD}+++ `)).toBe(true);
    expect(painted[2]?.startsWith(`${CYAN}@@`)).toBe(true);
    expect(painted.filter((line) => line.startsWith(RED))).toEqual([expect.stringContaining('-      "Sid": "Old"')]);
    expect(painted.filter((line) => line.startsWith(GREEN))).toEqual([expect.stringContaining('+      "Sid": "New"')]);
    expect(painted.filter((line) => line.startsWith(' '))).toEqual(
      diff.split('\n').filter((line) => line.startsWith(' ')),
    );
    expect(stripVTControlCharacters(painted.join('\n'))).toBe(diff);
    expect(paintDiff(diff, PLAIN)).toBe(diff);
  });
});

describe('what undo would do', () => {
  const STEPS: readonly Step[] = [
    aStep({ name: '/none', action: 'UNSEAL', fromKeyArn: KEY, toKeyArn: null }),
    aStep({ name: '/old', fromKeyArn: KEY, toKeyArn: aKeyArn('old') }),
    aStep({ name: '/back', action: 'NONE', toKeyArn: null }),
    aStep({ name: '/theirs', action: 'NONE', fromKeyArn: aKeyArn('theirs'), refusal: aReason('KEY_DISABLED') }),
  ];
  const REPAIR = aPolicyEntry({ from: FROM, to: TO });

  it('shows each store, what is left and why, and the policies as they will be', () => {
    const text = undoTable(STEPS, [REPAIR], PLAIN);

    expect(text).toMatch(/^UNSEAL +eu-west-1 +\/none +logseal +-$/m);
    expect(text).toMatch(/^SEAL +eu-west-1 +\/old +logseal +old$/m);
    expect(text).toMatch(/^nothing to undo +eu-west-1 +\/back +- +-$/m);
    expect(text).toMatch(/^left: KEY_DISABLED +eu-west-1 +\/theirs +theirs +-$/m);
    expect(text).toContain('Left, and why\nKEY_DISABLED × 1\n');
    expect(text).toContain('-      "Sid": "New"\n+      "Sid": "Old"\n');
    expect(text).toMatch(/\n1 to unseal, 1 to seal with the key they had, 1 key policy to put back\n$/);
  });

  it('of a policy alone has no table', () => {
    expect(undoTable([], [REPAIR], PLAIN)).toMatch(/^(=+\n)?--- arn:/);
    expect(undoTable([], [REPAIR], COLORED)).toContain(`${RED}-      "Sid": "New"`);
  });

  it('of nothing is one line', () => {
    expect(undoTable([], [], PLAIN)).toBe('0 to unseal, 0 to seal with the key they had, 0 key policies to put back\n');
  });

  it('says the same without colours', () => {
    expect(stripVTControlCharacters(undoTable(STEPS, [REPAIR], COLORED))).toBe(undoTable(STEPS, [REPAIR], PLAIN));
  });
});

const RESTORED: PolicyOutcome = { keyArn: KEY, outcome: 'CHANGED', refusal: null, error: null, inEffect: true };

describe('what became of an undo', () => {
  function anUndone(steps: OutcomeDocument['steps'], policies: readonly PolicyOutcome[]): OutcomeDocument {
    const about = { run: A_RUN, planRunId: 'p', key: null, targets: [aReport()] };
    return { schema: 'logseal/outcome/1', ...about, steps, policies };
  }

  it('counts what was unsealed, and names each key policy', () => {
    const steps = [
      anOutcome({ name: '/none', action: 'UNSEAL', fromKeyArn: KEY, toKeyArn: null, outcome: 'UNSEALED' }),
      anOutcome({ name: '/old' }),
    ];
    const refused = { ...RESTORED, outcome: 'REFUSED', refusal: aReason('KEY_DISABLED') } as const;
    const failed = { ...RESTORED, outcome: 'FAILED', error: { code: 'NETWORK', message: 'no route' } } as const;

    const text = outcomeTable(anUndone(steps, [RESTORED, refused, failed]), PLAIN, UNDO);

    expect(text).toMatch(/^UNSEALED +eu-west-1 +\/none +logseal +-$/m);
    expect(text).toContain(`CHANGED key policy of ${KEY}\nREFUSED key policy of ${KEY}\nFAILED key policy of ${KEY}\n`);
    expect(text).toContain('KEY_DISABLED × 1');
    expect(text).toContain('NETWORK × 1\n  no route\n  fix: run it again');
    expect(text).toContain(
      `1 sealed, 1 unsealed, 1 key policy put back, 0 unchanged, 1 refused, 1 failed (run ${A_RUN.id})\n`,
    );
  });

  it('that unsealed nothing does not speak of it', () => {
    expect(outcomeTable(anUndone([anOutcome()], []), PLAIN, UNDO)).not.toContain('unsealed');
  });
});

describe('what became of a repair', () => {
  function aRepaired(repair: Partial<PolicyOutcome> = {}): KeyRepairDocument {
    return {
      schema: 'logseal/key-repair/1',
      run: A_RUN,
      key: { configured: 'alias/logseal' },
      target: { ...TARGET, apiCalls: {} },
      repair: { ...RESTORED, statement: null, diff: null, ...repair },
    };
  }

  it('that is in effect says how to undo it', () => {
    expect(keyRepairText(aRepaired(), PLAIN, UNDO)).toBe(
      `repaired ${KEY} (run ${A_RUN.id})\nKMS answers with the new policy; it can take minutes until it holds everywhere\nundo: ${UNDO}\n`,
    );
  });

  it('that is not in effect yet warns', () => {
    const text = keyRepairText(aRepaired({ inEffect: false }), PLAIN, UNDO);

    expect(text).toContain('look again before you rely on it');
    expect(text).not.toContain('KMS answers');
    expect(text).toContain(`undo: ${UNDO}`);
  });

  it('with nothing to do says so, and no undo', () => {
    expect(keyRepairText(aRepaired({ outcome: 'UNCHANGED' }), PLAIN, UNDO)).toBe(
      `nothing to repair: the policy of ${KEY} lets CloudWatch Logs use the key\n`,
    );
  });

  it('that was refused has its fix', () => {
    const refusal = { code: 'KEY_POLICY_CHANGED', message: 'it changed', fix: 'look' } as const;

    expect(keyRepairText(aRepaired({ outcome: 'REFUSED', refusal }), PLAIN, UNDO)).toBe(
      '\nRefused, and what fixes it\nKEY_POLICY_CHANGED × 1\n  it changed\n  fix: look\n',
    );
  });

  it('that failed has the words of AWS', () => {
    const error = { code: 'NETWORK', message: 'no route' };

    expect(keyRepairText(aRepaired({ outcome: 'FAILED', error }), PLAIN, UNDO)).toBe('FAILED: NETWORK: no route\n');
    expect(keyRepairText(aRepaired({ outcome: 'FAILED', error }), COLORED, UNDO)).toContain(`${RED}FAILED`);
  });
});
