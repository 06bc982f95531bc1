import { describe, expect, it } from 'vitest';
import { toIdentity } from '../../lib/domain/caller-rights.ts';
import { type Problem, type ProblemCode, problem } from '../../lib/domain/reasons.ts';
import { keyNotFound } from '../../lib/domain/unusable-key.ts';
import { problemList } from '../../lib/report/problem-list.ts';
import { aKeyArn, aReport } from '../support/builders.ts';
import { reportOptions } from './builders.ts';

const OPTIONS = reportOptions();

const disabled = (name: string, fix = 'enable it') => problem('KEY_DISABLED', `${name} is disabled`, fix);

function listed(...problems: readonly Problem<ProblemCode>[]): string {
  const list = problemList();
  for (const each of problems) list.add([each]);
  return list.text('Why', OPTIONS);
}

describe('a list of problems', () => {
  it('without problems takes no room', () => {
    expect(listed()).toBe('');
    const list = problemList();
    list.add([]);
    expect(list.text('Why', OPTIONS)).toBe('');
  });

  it('shows problems of one code with one fix once, and how many there are', () => {
    expect(listed(disabled('a'), disabled('a'), disabled('b'), disabled('c'))).toBe(
      '\nWhy\nHIGH KEY_DISABLED × 4\n  a is disabled (and others like it)\n  fix: enable it\n',
    );
  });

  it('does not speak of others where all messages are the same', () => {
    expect(listed(disabled('a'), disabled('a'))).toBe(
      '\nWhy\nHIGH KEY_DISABLED × 2\n  a is disabled\n  fix: enable it\n',
    );
  });

  it('names the accounts that lack an alias in a run over several, since each has aliases of its own', () => {
    const list = problemList();
    for (const account of ['2', '3', '3'])
      list.add([keyNotFound('alias/k', 'eu-west-1', 'CONFIGURED')], undefined, account);
    list.add([disabled('a')], undefined, '4');
    const targets = ['1', '2', '3'].map((account) => aReport({ account }));

    expect(list.text('Why', OPTIONS, targets)).toContain(
      'KEY_NOT_FOUND × 3\n  alias/k does not exist in eu-west-1, so nothing can be encrypted with it (accounts 2, 3)\n' +
        '  fix: in accounts 2, 3: create the alias in eu-west-1, or name another key\n',
    );
    expect(list.groups(targets).map(({ fix }) => fix)).toContain(
      'in accounts 2, 3: create the alias in eu-west-1, or name another key',
    );
    expect(list.text('Why', OPTIONS, targets.slice(1, 2))).toContain('fix: create the alias in eu-west-1, or');
  });

  it('tells different fixes apart, and different codes with one fix', () => {
    const text = listed(disabled('a'), disabled('b', 'replace it'), problem('KEY_NOT_FOUND', 'm', 'replace it'));

    expect(text.match(/KEY_DISABLED × 1/g)).toHaveLength(2);
    expect(text).toContain('KEY_NOT_FOUND × 1');
  });

  it('shows a right that is missing on many resources once, with one statement', () => {
    const lacking = Array.from({ length: 38 }, (_, index) => {
      const missingRight = { action: 'kms:DescribeKey', resource: aKeyArn(`${index}`) };
      return problem('KEY_UNREADABLE', `no ${index}`, `allow it: ${toIdentity(missingRight)}`, missingRight);
    });

    expect(listed(...lacking)).toBe(
      '\nWhy\nMEDIUM KEY_UNREADABLE × 38\n  no 0 (and others like it)\n  fix: allow it: add this statement to a policy of the caller: ' +
        '{…} (a wildcard, since there are more than 10: --format json has each)\n' +
        '{…} is a policy statement: add --verbose to show it\n',
    );
  });

  it('has the worst first, and the others in the order in which they came', () => {
    const text = listed(
      problem('KEY_NOT_CONFIGURED', 'm', 'f'),
      problem('NO_KEY', 'm', 'f'),
      problem('KEY_WRONG_USAGE', 'm', 'f'),
      problem('KEY_NOT_FOUND', 'm', 'f'),
      disabled('a'),
    );

    expect(text.match(/^[A-Z]+ [A-Z_]+ × 1$/gm)).toEqual([
      'CRITICAL KEY_NOT_FOUND × 1',
      'HIGH KEY_WRONG_USAGE × 1',
      'HIGH KEY_DISABLED × 1',
      'MEDIUM NO_KEY × 1',
      'LOW KEY_NOT_CONFIGURED × 1',
    ]);
  });
});

describe('a long list of problems', () => {
  const many = (count: number, code: ProblemCode = 'NO_KEY') =>
    Array.from({ length: count }, (_, index) => problem(code, 'm', `fix ${index}`));

  it('shows 50 fixes, and how many problems have others', () => {
    const text = listed(...many(53), ...many(53));

    expect(text.match(/^MEDIUM NO_KEY × 2$/gm)).toHaveLength(50);
    expect(text).toMatch(/\n6 more with other fixes: --format json has them all\n$/);
  });

  it('says nothing of more where all are shown', () => {
    expect(listed(...many(50))).not.toContain('more with other fixes');
  });

  it('leaves out the least severe, whenever the worse ones come', () => {
    const text = listed(
      ...many(49),
      problem('KEY_NOT_CONFIGURED', 'm', 'low'),
      ...many(1, 'KEY_NOT_FOUND'),
      disabled('a'),
    );

    expect(text).toMatch(/^\nWhy\nCRITICAL KEY_NOT_FOUND × 1\n.*\n.*\nHIGH KEY_DISABLED × 1\n/);
    expect(text.match(/ × 1$/gm)).toHaveLength(50);
    expect(text).not.toContain('KEY_NOT_CONFIGURED');
    expect(text).toMatch(/\n2 more with other fixes: /);
  });

  it('counts every problem that it leaves out', () => {
    const low = problem('KEY_NOT_CONFIGURED', 'm', 'low');
    const text = listed(low, low, ...many(49), disabled('a'), low);

    expect(text).toMatch(/\n3 more with other fixes: /);
  });
});
