import { describe, expect, it } from 'vitest';
import { problem } from '../../../lib/domain/reasons.ts';
import type { Colors } from '../../../lib/report/colors.ts';
import { A_RUN, aKeyArn } from '../../support/builders.ts';
import { COLORED, drawn, PLAIN, RED, repairTotals } from '../builders.ts';

const KEY = aKeyArn();
const UNDO = `logseal undo --run ${A_RUN.id}`;
const repaired = (repair: Parameters<typeof repairTotals>[0] = {}, paint: Colors = PLAIN) =>
  drawn('key-repair', [], repairTotals(repair), { paint });

describe('what became of a repair', () => {
  it('that is in effect says how to undo it', () => {
    expect(repaired()).toBe(
      `repaired ${KEY} (run ${A_RUN.id})\nKMS returns the new policy; it can take minutes to take effect everywhere\nundo: ${UNDO}\n`,
    );
  });

  it('that was not needed says whom the policy lets use the key', () => {
    const none = { outcome: 'UNCHANGED' } as const;

    expect(repaired(none)).toBe(`nothing to repair: the policy of ${KEY} lets CloudWatch Logs use the key\n`);
    expect(repaired({ ...none, scope: 'readers-and-writers' })).toBe(
      `nothing to repair: the policy of ${KEY} lets all principals of the account use the key through CloudWatch Logs\n`,
    );
  });

  it('that is not in effect yet warns', () => {
    const text = repaired({ inEffect: false });

    expect(text).toContain('run key check before you rely on it');
    expect(text).not.toContain('KMS returns');
    expect(text).toContain(`undo: ${UNDO}`);
  });

  it('of a key that cannot be used all the same says so, and why', () => {
    const keyReasons = [problem('KEY_DISABLED', 'it is disabled', 'enable it')];

    expect(repaired({ keyReasons })).toContain(
      '\nThe key still cannot be used: it is disabled\n  fix: enable it\nundo: ',
    );
    expect(repaired()).not.toContain('cannot be used');
  });

  it.each(['CHANGED', 'UNCHANGED'] as const)(
    'for readers and writers that is %s says that CloudWatch Logs itself cannot use the key',
    (outcome) => {
      const keyReasons = [
        problem('KEY_DISABLED', 'it is disabled', 'enable it'),
        problem('KEY_POLICY_MISSING_ACTIONS', 'no statement is for it', 'logseal key repair'),
      ];

      expect(repaired({ outcome, scope: 'readers-and-writers', keyReasons })).toContain(
        'fix: enable it\nCloudWatch Logs itself cannot use the key for every log group: no statement is for it\n  fix: logseal key repair\n',
      );
    },
  );

  it('with nothing to do says so, and has no undo', () => {
    expect(repaired({ outcome: 'UNCHANGED' })).toBe(
      `nothing to repair: the policy of ${KEY} lets CloudWatch Logs use the key\n`,
    );
  });

  it('that was refused has its fix', () => {
    const refusal = problem('KEY_POLICY_CHANGED', 'it changed', 'compare them');

    expect(repaired({ outcome: 'REFUSED', refusal })).toBe(
      '\nRefused, and how to fix it\nLOW KEY_POLICY_CHANGED × 1\n  it changed\n  fix: compare them\n',
    );
  });

  it('that was interrupted says so', () => {
    expect(repaired({ outcome: 'SKIPPED', inEffect: false })).toBe('skipped: the run was interrupted\n');
  });

  it('that failed has the words of AWS', () => {
    const error = { code: 'NETWORK', message: 'no route' };

    expect(repaired({ outcome: 'FAILED', error })).toBe('FAILED: NETWORK: no route\n');
    expect(repaired({ outcome: 'FAILED', error }, COLORED)).toContain(`${RED}FAILED`);
  });
});
