import { expect, it } from 'vitest';
import { AUTHORIZATION } from '../../lib/domain/reasons.ts';
import { withTypedFixes } from '../../lib/report/typed-fixes.ts';

const asTyped = (text: string) => text.replace('logseal ', 'npx logseal ');

it('rewrites fixes at any depth, and nothing else', () => {
  const finding = {
    name: 'logseal scan',
    keyArn: null,
    reasons: [{ message: 'logseal scan', fix: 'run logseal scan', [AUTHORIZATION]: 'x' }],
    error: { fix: 'logseal plan' },
  };

  expect(withTypedFixes([finding], asTyped)).toEqual([
    {
      ...finding,
      reasons: [{ message: 'logseal scan', fix: 'run npx logseal scan', [AUTHORIZATION]: 'x' }],
      error: { fix: 'npx logseal plan' },
    },
  ]);
  expect(finding.reasons[0]?.fix).toBe('run logseal scan');
});

it('copies nothing that has no command', () => {
  const value = { reasons: [{ fix: 'wait' }], others: [null, 1] };

  expect(withTypedFixes(value, asTyped)).toBe(value);
});
