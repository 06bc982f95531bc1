import { readFile } from 'node:fs/promises';
import { getHomeDir, loadSharedConfigFiles } from '@smithy/core/config';

/**
 * Checks that a profile exists, and its sso-session if it names one. The SDK does not: it goes on to other sources of
 * credentials, or fails with a `TypeError`, and whatever it reports says nothing about the profile.
 * @param named by --profile; undefined: `AWS_PROFILE` counts, if it is set
 * @returns the mistake, with the files that were read
 */
export async function profileMistake(
  named: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const profile = named ?? environment['AWS_PROFILE'];
  if (!profile) return undefined;
  const configFilepath = inHome(environment['AWS_CONFIG_FILE'] || '~/.aws/config');
  const filepath = inHome(environment['AWS_SHARED_CREDENTIALS_FILE'] || '~/.aws/credentials');
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ configFilepath, filepath });
  const where = named === undefined ? 'AWS_PROFILE' : '--profile';
  const session = configFile[profile]?.['sso_session'];
  if (session !== undefined && !Object.hasOwn(configFile, `sso-session.${session}`)) {
    return `${where}: the profile ${JSON.stringify(profile)} names the sso-session ${JSON.stringify(session)}, which ${configFilepath} does not have`;
  }
  if ([configFile, credentialsFile].some((file) => Object.hasOwn(file, profile))) return undefined;
  const read = await Promise.all([configFilepath, filepath].map(described));
  return `${where}: there is no profile ${JSON.stringify(profile)} in ${read.join(' or ')}`;
}

function inHome(path: string): string {
  return path.startsWith('~/') ? `${getHomeDir()}${path.slice(1)}` : path;
}

/** The path, and why the file could not be read if it could not. */
async function described(path: string): Promise<string> {
  try {
    await readFile(path);
    return path;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return `${path} (${code === 'ENOENT' ? 'no such file' : `cannot be read: ${code}`})`;
  }
}
