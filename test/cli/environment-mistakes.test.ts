import { describe, expect, it } from 'vitest';
import { aDesk, aWorld } from '../support/logseal.ts';
import { mistakesOf } from './mistakes-of.ts';

const WORLD = aWorld({ groups: { '/a': null } });

it('an invalid Region in the environment is listed with the mistakes in the options', async () => {
  const desk = await aDesk(WORLD);

  expect(await mistakesOf(desk, 'scan --key nonsense', { AWS_REGION: 'us_east' })).toEqual([
    expect.stringContaining('--key: expected alias/NAME'),
    'AWS_REGION: expected a Region such as eu-west-1, got "us_east"',
  ]);
  expect(desk.sandbox.calls()).toEqual({});
});

it('an invalid Region in the environment does not matter where --region names another', async () => {
  const desk = await aDesk(WORLD);

  expect((await desk.run('scan --region eu-west-1', { env: { AWS_REGION: 'us_east' } })).status).toBe(3);
});

it('no Region at all is a mistake', async () => {
  const desk = await aDesk(WORLD);

  const mistakes = await mistakesOf(desk, 'scan', { AWS_REGION: '', AWS_DEFAULT_REGION: '' });

  expect(mistakes).toEqual([expect.stringContaining('no Region: give --region')]);
});

it('no Region at all is listed with the other mistakes', async () => {
  const desk = await aDesk(WORLD);

  const mistakes = await mistakesOf(desk, 'plan --bogus', { AWS_REGION: '', AWS_DEFAULT_REGION: '' });

  expect(mistakes).toEqual([
    '--bogus: unknown option',
    '--key: expected the key to seal with, got none',
    expect.stringContaining('no Region: give --region'),
  ]);
});

describe('a profile that does not exist', () => {
  const NO_FILES = '/nonexistent (no such file) or /nonexistent (no such file)';

  it('is listed with the other mistakes, and its Region is not asked for', async () => {
    const desk = await aDesk(WORLD);

    expect(await mistakesOf(desk, 'plan --profile nosuch', { AWS_REGION: '', AWS_DEFAULT_REGION: '' })).toEqual([
      '--key: expected the key to seal with, got none',
      `--profile: there is no profile "nosuch" in ${NO_FILES}`,
    ]);
  });

  it('is a mistake in the environment as well, in every command that calls AWS', async () => {
    const desk = await aDesk(WORLD);

    for (const words of [
      'scan',
      'key check --key alias/a',
      'key repair --key alias/a --yes',
      'undo --store /a --yes',
    ]) {
      expect(await mistakesOf(desk, words, { AWS_PROFILE: 'nosuch' })).toContain(
        `AWS_PROFILE: there is no profile "nosuch" in ${NO_FILES}`,
      );
    }
  });

  it('is no mistake where AWS is not called', async () => {
    const desk = await aDesk(WORLD);

    const words =
      'policy check --policy - --key-arn arn:aws:kms:eu-west-1:111122223333:key/1 --query-results 111122223333';
    const { stderr } = await desk.run(words, { env: { AWS_PROFILE: 'nosuch' }, stdin: '{}' });

    expect(stderr).not.toContain('profile');
  });
});
