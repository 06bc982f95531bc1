import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];

/** A Chromium of this machine: the one that `CHROMIUM` names, or one on the PATH; undefined: there is none. */
export function browserPath(environment: NodeJS.ProcessEnv): string | undefined {
  const named = environment['CHROMIUM'];
  if (named) return named;
  const directories = (environment['PATH'] ?? '').split(delimiter).filter(Boolean);
  return directories.flatMap((directory) => NAMES.map((name) => join(directory, name))).find(canRun);
}

/** Says why what needs a browser was not run, and how to run it. */
export const NO_BROWSER =
  'skipped: there is no Chromium. Install one (apt-get install chromium), or set CHROMIUM to its path\n';

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
