import { existsSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { COMMAND_NAMES } from './command-names.ts';
import type { Host } from './host.ts';
import { quoted } from './quoted.ts';

/** What every text calls the program, and what a person types once it is installed. */
const NAME = 'logseal';

/**
 * What a person types in the place of `logseal` to start it in the same way again: the npm script of a checkout, `npx`, or the installed
 * command.
 * @param file the running one: TypeScript in a checkout; below `node_modules` where npx, a project or the machine has the package
 */
export function startedAs({ npm_lifecycle_event: script }: Host['environment'], file: string): string {
  if (file.endsWith('.ts')) return `npm run -s ${NAME} --`;
  const [root = '', inPackage] = file.split(`${sep}node_modules${sep}${NAME}${sep}`);
  // npx and scripts of npm find programs below node_modules, where the shell of a person does not.
  return script !== undefined && inPackage !== undefined ? `npx ${packageOfNpx(root)}` : NAME;
}

/** The package as it was named to npx, which keeps that in the directory where it installs the package. */
function packageOfNpx(directory: string): string {
  const manifest = join(directory, 'package.json');
  const { _npx: npx } = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')) : {};
  const [named, ...others]: unknown[] = npx?.packages ?? [];
  return typeof named === 'string' && others.length === 0 ? quoted(named) : NAME;
}

/** How a command begins in a text. `logseal scan: …` is a title. */
const COMMAND = new RegExp(
  `${NAME}(?<![\\w./-]${NAME})(?= (?:${[...COMMAND_NAMES, 'COMMAND', '--help', '--version'].join('|')})(?![\\w:-]))`,
  'g',
);

/**
 * Writes the commands in a text for people as they must be typed. Every text says `logseal COMMAND …`, and documents for programs
 * keep that.
 */
export function asTyped(text: string, { startedAs }: Pick<Host, 'startedAs'>): string {
  return startedAs === NAME ? text : text.replace(COMMAND, () => startedAs);
}
