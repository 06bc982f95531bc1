import { expect, it } from 'vitest';
import { isLeftOut, withPolicies } from '../../lib/report/policy-json.ts';

const STATEMENT = '{"Effect":"Allow","Resource":"a}\\"]{"}';

it('a policy statement is left out of a text, and shown over several lines when it is asked for', () => {
  const text = `add this statement: ${STATEMENT} (its owner must allow it)`;

  expect(withPolicies(text, false)).toBe('add this statement: {…} (its owner must allow it)');
  expect(withPolicies(text, true)).toBe(
    'add this statement: \n    {\n      "Effect": "Allow",\n      "Resource": "a}\\"]{"\n    }\n     (its owner must allow it)',
  );
  expect(isLeftOut(withPolicies(text, false))).toBe(true);
  expect(isLeftOut(withPolicies(text, true))).toBe(false);
});

it('several are left out, and so is a list of them', () => {
  expect(withPolicies(`${STATEMENT}, or [${STATEMENT},${STATEMENT}].`, false)).toBe('{…}, or {…}.');
});

it.each(['no JSON', 'a {name} in braces', 'it ends inside: {"Effect":"All'])('%s stays as it is', (text) => {
  expect(withPolicies(text, false)).toBe(text);
  expect(withPolicies(text, true)).toBe(text);
});
