import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { profileMistake } from '../../lib/runtime.ts';

/** A home directory with the given files of the SDK. */
async function aHome(files: Readonly<Record<string, string>>) {
  const home = await mkdtemp(join(tmpdir(), 'logseal-'));
  onTestFinished(() => rm(home, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(home, name), text);
  vi.stubEnv('HOME', home);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const own = { AWS_CONFIG_FILE: join(home, 'config'), AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials') };
  const mistake = (named: string | undefined, environment: Record<string, string | undefined> = {}) =>
    profileMistake(named, { ...own, ...environment });
  return { home, mistake };
}

const FILES = {
  config: '[default]\nregion = eu-west-1\n[profile auditor]\nregion = eu-west-1\n[sealer]\nregion = eu-west-1\n',
  credentials: '[writer]\naws_access_key_id = a\naws_secret_access_key = b\n',
};

test('a profile whose sso-session does not exist is named, with the file', async () => {
  const sessions =
    '[profile sso]\nsso_session = x\n[profile good]\nsso_session = y\n[sso-session y]\nsso_region = eu-west-1\n';
  const { home, mistake } = await aHome({ config: sessions });

  expect(await mistake('good')).toBeUndefined();
  expect(await mistake('sso')).toBe(
    `--profile: the profile "sso" names the sso-session "x", which ${join(home, 'config')} does not have`,
  );
});

describe('a profile that exists', () => {
  test.each(['default', 'auditor', 'writer'])('is no mistake: %s', async (name) => {
    const { mistake } = await aHome(FILES);

    expect(await mistake(name)).toBeUndefined();
    expect(await mistake(undefined, { AWS_PROFILE: name })).toBeUndefined();
  });

  test.each([undefined, ''])('is not looked for where AWS_PROFILE is %j', async (AWS_PROFILE) => {
    const { mistake } = await aHome({});

    expect(await mistake(undefined, { AWS_PROFILE })).toBeUndefined();
  });
});

describe('a profile that does not exist', () => {
  // A section of the config file needs the word "profile"; every object has a toString.
  test.each(['nosuch', 'sealer', 'toString'])('is named, with the files that were read: %s', async (name) => {
    const { home, mistake } = await aHome(FILES);
    const words = `there is no profile "${name}" in ${home}/config or ${home}/credentials`;

    expect(await mistake(name)).toBe(`--profile: ${words}`);
    expect(await mistake(undefined, { AWS_PROFILE: name })).toBe(`AWS_PROFILE: ${words}`);
  });

  test('in the option counts before AWS_PROFILE', async () => {
    const { mistake } = await aHome(FILES);

    expect(await mistake('nosuch', { AWS_PROFILE: 'writer' })).toMatch(/^--profile: /);
  });

  test('says which file could not be read, and why', async () => {
    const { home, mistake } = await aHome({ config: FILES.config });

    expect(await mistake('nosuch', { AWS_CONFIG_FILE: home })).toBe(
      `--profile: there is no profile "nosuch" in ${home} (cannot be read: EISDIR) or ${home}/credentials (no such file)`,
    );
  });

  test('is looked for in the home directory unless the environment names other files', async () => {
    const { home, mistake } = await aHome(FILES);
    const environment = { AWS_CONFIG_FILE: undefined, AWS_SHARED_CREDENTIALS_FILE: '~/credentials' };

    expect(await mistake('writer', environment)).toBeUndefined();
    expect(await mistake('nosuch', environment)).toBe(
      `--profile: there is no profile "nosuch" in ${home}/.aws/config (no such file) or ${home}/credentials`,
    );
  });
});
