import { describe, expect, it } from 'vitest';
import { applied, KEY, stepsFor } from '../../support/apply-steps.ts';
import { aKey, aStep } from '../../support/builders.ts';
import { aCallerWith, manyGroups } from '../../support/fake-cloud.ts';

describe('what the caller lacks on the key', () => {
  const groups = manyGroups(60);
  const identity = aCallerWith(({ action }) => (action === 'kms:Encrypt' ? 'IMPLICIT_DENY' : undefined));
  const questions = (log: readonly string[]) => log.filter((line) => line.startsWith('iam:'));

  it('refuses every step if it is asked, and nothing is tried', async () => {
    const { short, log, phases } = await applied(stepsFor(groups), { groups, identity }, { checksCaller: true });

    expect(new Set(short.map((line) => line.replace(/^\S+ /, '')))).toEqual(new Set(['REFUSED CALLER_MISSING_RIGHTS']));
    expect(short).toHaveLength(60);
    expect(phases).toEqual([]);
    expect(log.filter((line) => line.startsWith('logs:AssociateKmsKey'))).toEqual([]);
    expect(questions(log)).toEqual(['iam:SimulatePrincipalPolicy 6']);
  });

  it('is asked once, however many steps there are', async () => {
    const { short, log } = await applied(stepsFor(groups), { groups }, { checksCaller: true });

    expect(short.every((line) => line.endsWith(' SEALED'))).toBe(true);
    expect(questions(log)).toEqual(['iam:SimulatePrincipalPolicy 6']);
  });

  it('is asked before the log stores are read, not between that and their change', async () => {
    const { log } = await applied([aStep()], { groups: { '/app/a': null } }, { checksCaller: true });

    expect(log.map((line) => line.split(' ')[0]).slice(-3)).toEqual([
      'iam:SimulatePrincipalPolicy',
      'logs:DescribeLogGroups',
      'logs:AssociateKmsKey',
    ]);
  });

  it.each<[string, boolean, Record<string, ReturnType<typeof aKey>>]>([
    ['that nobody wants to know', false, { [KEY]: aKey() }],
    ['of a key that cannot be used', true, { [KEY]: aKey({ state: 'Disabled' }) }],
  ])('is not asked %s', async (_, checksCaller, keys) => {
    const { log } = await applied([aStep()], { groups: { '/app/a': null }, keys }, { checksCaller });

    expect(questions(log)).toEqual([]);
  });

  it('is not asked once the run is interrupted', async () => {
    const { short, log } = await applied(
      [aStep()],
      { groups: { '/app/a': null } },
      { checksCaller: true, signal: AbortSignal.abort() },
    );

    expect(short).toEqual(['/app/a SKIPPED']);
    expect(log).toEqual([]);
  });
});
