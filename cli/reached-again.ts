import { parseArn } from '../lib/domain/arn.ts';
import { partsOfText } from '../lib/report/commands.ts';
import { WITH_EXTERNAL_ID } from '../lib/report/fixes.ts';
import type { Arguments } from './arguments.ts';
import type { Connection } from './connect.ts';
import type { Host } from './host.ts';
import { quoted } from './quoted.ts';
import { asTyped } from './started-as.ts';

/** A million log stores have few different fixes, and to find the commands in one takes several microseconds. */
const TEXTS_KEPT = 1_000;

/**
 * Writes the commands in the texts of a run as they must be typed: as logseal was started, and with the options by which the run
 * reached the accounts.
 */
export function typing(
  args: Arguments,
  host: Pick<Host, 'startedAs'>,
  { own }: Pick<Connection, 'own'>,
): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const key = `${own()} ${text}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const typed = asTyped(reachedAgain(text, args, own()), host);
    if (known.size >= TEXTS_KEPT) known.clear();
    known.set(key, typed);
    return typed;
  };
}

/**
 * Adds to the commands in a text the options by which a run reached the accounts, so that they reach the same ones. A command that
 * has to be run with credentials of another account follows the name of that account.
 * @param own the caller's own account; null: not known, so that every key is taken for one of it
 */
export function reachedAgain(text: string, args: Arguments, own: string | null): string {
  let place = '';
  const parts = partsOfText(withoutExternalId(text, args)).map((part) => {
    if (part.type === 'WORDS') return part.text;
    const { account, options } = wayOf(part.text, args, own);
    const where = account === null || account === place ? '' : `in account ${account}: `;
    place = account ?? '';
    return `${where}${part.text}${options}`;
  });
  return parts.join('');
}

interface Way {
  /** The account whose credentials the command takes; null: the options reach it. */
  readonly account: string | null;
  readonly options: string;
}

function wayOf(command: string, args: Arguments, own: string | null): Way {
  const profile = optionsText(args, ['profile']);
  if (/^logseal (plan|apply) /.test(command)) {
    if (valueIn(command, 'provider') !== undefined) return { account: null, options: '' };
    const places = valueIn(command, 'region') === undefined ? ['region', 'all-regions'] : [];
    return { account: null, options: `${optionsText(args, [...places, ...ACCOUNTS, ...ENTER])}${profile}` };
  }
  const owner = parseArn(valueIn(command, 'key') ?? valueIn(command, 'key-id') ?? '')?.account;
  const named = valueIn(command, 'account');
  if (!/^(logseal key|aws kms) /.test(command) || owner === undefined) return { account: null, options: '' };
  // `key check` works in the account of the log group, which may not be that of the key.
  const account = (command.startsWith('logseal key check') ? named : undefined) ?? owner;
  if (own === null || account === own) return { account: null, options: profile };
  // The accounts that `key repair` is for are all that it names, and the organization only where it names none.
  const isForOthers = valueIn(command, 'org-id') !== undefined || (named !== undefined && named !== account);
  if (command.startsWith('aws') || isForOthers || !isEntered(account, args)) return { account, options: '' };
  const entering = `${named === undefined ? ` --account ${account}` : ''}${optionsText(args, ENTER)}`;
  return { account: null, options: `${entering}${profile}` };
}

const ACCOUNTS = ['account', 'organization', 'organizational-unit'];
const ENTER = ['role-name', 'external-id'];

function isEntered(account: string, args: Arguments): boolean {
  const isChosen = ['organization', 'organizational-unit'].some(args.flag) || args.list('account').includes(account);
  return args.flag('role-name') && isChosen;
}

/** The options as they were given, each with a space before it. */
function optionsText(args: Arguments, names: readonly string[]): string {
  return names
    .filter(args.flag)
    .map((name) => {
      const values = args.list(name);
      return values.length === 0 ? ` --${name}` : values.map((value) => ` --${name} ${quoted(value)}`).join('');
    })
    .join('');
}

/** What follows an option of a command in a text. */
function valueIn(command: string, name: string): string | undefined {
  return new RegExp(` --${name}[ =]([^ ]+)`).exec(command)?.[1];
}

function withoutExternalId(text: string, args: Arguments): string {
  return args.flag('external-id') ? text : text.replace(WITH_EXTERNAL_ID, WITHOUT_EXTERNAL_ID);
}

const WITHOUT_EXTERNAL_ID = ' (you gave no --external-id, which the trust policy may ask for)';
