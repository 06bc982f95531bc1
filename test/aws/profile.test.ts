import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { profileMistake } from '../../lib/runtime.ts';

/** A home directory with the two files of the SDK, those that are given. @returns its path */
async function aHome(files: Readonly<Record<string, string>>): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'logseal-'));
  onTestFinished(() => rm(home, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(home, name), text);
  vi.stubEnv('HOME', home);
  vi.stubEnv('AWS_CONFIG_FILE', join(home, 'config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(home, 'credentials'));
  return home;
}

beforeEach(() => {
  vi.stubEnv('AWS_PROFILE', undefined);
});

const FILES = {
  config: '[default]\nregion = eu-west-1\n[profile auditor]\nregion = eu-west-1\n[sealer]\nregion = eu-west-1\n',
  credentials: '[writer]\naws_access_key_id = a\naws_secret_access_key = b\n',
};

describe('a profile that exists', () => {
  test.each(['default', 'auditor', 'writer'])('is no mistake: %s', async (name) => {
    await aHome(FILES);

    expect(await profileMistake(name)).toBeUndefined();
  });

  test('is no mistake in AWS_PROFILE either', async () => {
    await aHome(FILES);
    vi.stubEnv('AWS_PROFILE', 'writer');

    expect(await profileMistake(undefined)).toBeUndefined();
  });

  test.each([undefined, ''])('is not looked for where AWS_PROFILE is %j', async (value) => {
    await aHome({});
    vi.stubEnv('AWS_PROFILE', value);

    expect(await profileMistake(undefined)).toBeUndefined();
  });
});

describe('a profile that does not exist', () => {
  // A section of the config file needs the word "profile"; every object has a toString.
  test.each(['nosuch', 'sealer', 'toString'])('is named, with the files that were read: %s', async (name) => {
    const home = await aHome(FILES);

    expect(await profileMistake(name)).toBe(
      `--profile: there is no profile "${name}" in ${home}/config or ${home}/credentials`,
    );
  });

  test('in AWS_PROFILE is named with the variable', async () => {
    const home = await aHome(FILES);
    vi.stubEnv('AWS_PROFILE', 'nosuch');

    expect(await profileMistake(undefined)).toBe(
      `AWS_PROFILE: there is no profile "nosuch" in ${home}/config or ${home}/credentials`,
    );
  });

  test('in the option counts before AWS_PROFILE', async () => {
    await aHome(FILES);
    vi.stubEnv('AWS_PROFILE', 'writer');

    expect(await profileMistake('nosuch')).toMatch(/^--profile: /);
  });

  test('says which file could not be read, and why', async () => {
    const home = await aHome({ config: FILES.config });
    vi.stubEnv('AWS_CONFIG_FILE', home);

    expect(await profileMistake('nosuch')).toBe(
      `--profile: there is no profile "nosuch" in ${home} (cannot be read: EISDIR) or ${home}/credentials (no such file)`,
    );
  });

  test('is looked for in the home directory unless the environment names other files', async () => {
    const home = await aHome(FILES);
    vi.stubEnv('AWS_CONFIG_FILE', undefined);
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '~/credentials');

    expect(await profileMistake('writer')).toBeUndefined();
    expect(await profileMistake('nosuch')).toBe(
      `--profile: there is no profile "nosuch" in ${home}/.aws/config (no such file) or ${home}/credentials`,
    );
  });
});
