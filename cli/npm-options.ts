import { UsageError } from '../lib/errors.ts';
import { COMMAND_NAMES, commandIn } from './command-names.ts';
import { helpFor } from './help.ts';
import { isNpmScript } from './host.ts';
import { quoted } from './quoted.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Options that npm has as well, so its variables for them prove nothing. */
const NPM_OPTIONS = ['all', 'color', 'help', 'include', 'key', 'version', 'yes'];

/**
 * `npm run logseal scan --region X`, without `--`: npm keeps the option, puts it into `npm_config_region`, and passes on
 * `scan X`. Without this check the command would run as if the option had not been typed.
 * @throws UsageError that names every option that npm kept
 */
export function refuseOptionsKeptByNpm(words: readonly string[], env: Environment): void {
  const kept = Object.keys(optionsKeptByNpm(words, env));
  if (kept.length === 0) return;
  throw new UsageError(kept.map((name) => `--${name}: npm kept this option, because there was no -- before it`));
}

/**
 * The last line of a usage error: how to write the command under npm. Also where npm may have kept an option without a
 * trace, as it does with `--key`. Empty where that is not the trouble.
 */
export function npmHint(words: readonly string[], env: Environment): string {
  const kept = Object.entries(optionsKeptByNpm(words, env));
  const isSuspect = kept.length > 0 || !words.some((word) => word.startsWith('-'));
  if (!isNpmScript(env) || !isSuspect) return '';
  const command = commandIn(words);
  const others = words.slice(command?.split(' ').length);
  const [name, values = []] = kept[0] ?? [];
  // npm passes the values on as arguments, which are certain to be this option's only if it kept no other.
  const isCertain =
    command && kept.length === 1 && values.length >= others.length && !values.some((one) => one !== 'true');
  const options = values.flatMap((_, index) => [`--${name}`, ...others.slice(index, index + 1).map(quoted)]);
  const line = [command ?? 'COMMAND', ...(isCertain ? options : ['[options]'])].join(' ');
  const what =
    kept.length > 0
      ? 'npm keeps every option that has no -- before it'
      : 'If you typed options without -- before them, npm kept them';
  return `${what}. Write: npm run -s logseal -- ${line}\n`;
}

/** By name, with its values: `true` where npm passed the value on as an argument, or where there was none. */
function optionsKeptByNpm(words: readonly string[], env: Environment): Readonly<Record<string, readonly string[]>> {
  if (!isNpmScript(env)) return {};
  const named = COMMAND_NAMES.flatMap((command) => helpFor(command).match(/(?<=--)[a-z-]+/g) ?? []);
  const own = new Set(named.filter((name) => !NPM_OPTIONS.includes(name)));
  const kept = [...own].flatMap((name): [string, string[]][] => {
    const value = valueKept(name, env);
    const isPassedOn = words.some((word) => word === `--${name}` || word.startsWith(`--${name}=`));
    return value === undefined || isPassedOn ? [] : [[name, value.split('\n\n')]];
  });
  return Object.fromEntries(kept);
}

/** npm takes `--no-NAME` for NAME with the value false, which it writes as an empty one. */
function valueKept(name: string, env: Environment): string | undefined {
  const kept = (option: string) => env[`npm_config_${option.replaceAll('-', '_')}`];
  const positive = name.replace(/^no-/, '');
  const isSwitchedOff = positive !== name && !NPM_OPTIONS.includes(positive) && kept(positive) === '';
  return isSwitchedOff ? 'true' : kept(name);
}
