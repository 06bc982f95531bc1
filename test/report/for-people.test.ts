import { expect, it } from 'vitest';
import { OWN_PART } from '../../lib/domain/reasons.ts';
import { forPeople } from '../../lib/report/for-people.ts';

const options = { asTyped: (text: string) => text.replace('logseal ', 'npx logseal ') };

it('has the commands in fixes as they must be typed, at any depth, and nowhere else', () => {
  const finding = {
    name: 'logseal scan',
    keyArn: null,
    reasons: [{ message: 'logseal scan', fix: 'run logseal scan', [OWN_PART]: 'x' }],
    error: { fix: 'logseal plan' },
  };

  expect(forPeople([finding], options)).toEqual([
    {
      ...finding,
      reasons: [{ message: 'logseal scan', fix: 'run npx logseal scan', [OWN_PART]: 'x' }],
      error: { fix: 'npx logseal plan' },
    },
  ]);
  expect(finding.reasons[0]?.fix).toBe('run logseal scan');
});

it('has no control or bidirectional character', () => {
  expect(forPeople({ list: ['a\u001b[2J\u202e'] }, options)).toEqual({ list: ['a\\u001b[2J\\u202e'] });
});

it('copies nothing that has nothing to change', () => {
  const value = { reasons: [{ fix: 'wait' }], others: [null, 1] };

  expect(forPeople(value, options)).toBe(value);
});
