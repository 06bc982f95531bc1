import { describe, expect, it } from 'vitest';
import { applied, KEY, stepsFor } from '../../support/apply-steps.ts';
import { aStep } from '../../support/builders.ts';
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

  it.each<[string, boolean, string | null]>([
    ['that nobody wants to know', false, null],
    ['where nothing is left to do', true, KEY],
  ])('is not asked %s', async (_, checksCaller, key) => {
    const { log } = await applied([aStep()], { groups: { '/app/a': key } }, { checksCaller });

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
