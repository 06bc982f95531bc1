import wrapAnsi from 'wrap-ansi';
import type { FileNote } from '../../domain/file-note.ts';
import { noteText } from '../../domain/file-note.ts';
import type { Match } from '../../domain/match.ts';
import { printable } from '../../domain/printable.ts';
import { allAtOnce } from '../all-at-once.ts';
import type { Colors } from '../colors.ts';
import type { CheckedEntry, ConfigCheckTotals } from '../documents.ts';
import type { WriterOf } from '../format.ts';
import { counted } from '../table.ts';

const WIDTH = 80;

/** The mistakes of a configuration file, or what each entry says and matches. */
export const configCheckTable: WriterOf<'config-check'> = ({ paint }) =>
  allAtOnce((entries, totals) =>
    totals.mistakes.length > 0 ? mistakesText(totals, paint) : text(entries, totals, paint),
  );

function mistakesText({ file, mistakes }: ConfigCheckTotals, { bold, red }: Colors): string {
  return `${bold(nameOf(file))}\n${notesText(mistakes)}\n${red(counted(mistakes.length, 'mistake'))}\n`;
}

function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file;
}

function notesText(notes: readonly FileNote[]): string {
  return notes.map((note) => wrapped(printable(noteText(note)), '', '  ')).join('');
}

function text(entries: readonly CheckedEntry[], totals: ConfigCheckTotals, paint: Colors): string {
  const { file, warnings, scan } = totals;
  const rules = entries.filter(({ type }) => type === 'KEY_RULE');
  const expired = entries.filter(({ exemption }) => exemption?.state === 'EXPIRED').length;
  const sections = entries.map((entry) => entryText(entry, rules.indexOf(entry) + 1, totals, paint));
  const sum = [
    `${counted(entries.length - rules.length, 'exemption')}${expired > 0 ? ` (${expired.toLocaleString('en')} expired)` : ''}`,
    counted(rules.length, 'key rule'),
    counted(warnings.length, 'warning'),
    'no mistakes',
  ].join(', ');
  const incomplete = `the scan is ${scan?.status}: an entry may match more than is shown`;
  return [
    `${paint.bold(nameOf(file))}\n`,
    sections.join(''),
    warnings.length === 0 ? '' : `\n${paint.bold('Warnings')}\n${notesText(warnings)}`,
    scan && scan.status !== 'COMPLETE' ? `\n${paint.yellow('note:')} ${incomplete}\n` : '',
    `\n${(warnings.length + expired === 0 ? paint.green : paint.yellow)(sum)}\n`,
  ].join('');
}

function entryText(entry: CheckedEntry, rule: number, { scan }: ConfigCheckTotals, paint: Colors): string {
  const { exemption, key, line, match } = entry;
  const head = exemption
    ? `\n${paint.bold(exemption.id)} ${paint.dim(`exemption, line ${line}`)}\n  ${expiryText(exemption, paint)}\n`
    : `\n${paint.bold(key ?? '')} ${paint.dim(`key rule ${rule}, line ${line}`)}\n`;
  const why = exemption ? wrapped(`${exemption.owner}: ${exemption.reason}`, '  ') : '';
  return `${head}${why}${wrapped(matchText(match), '  ')}${scan ? wrapped(matchedText(entry), '  ') : ''}`;
}

function expiryText({ expires, daysLeft }: NonNullable<CheckedEntry['exemption']>, { red }: Colors): string {
  if (daysLeft < 0) return `${red(`expired on ${expires}`)}, ${counted(-daysLeft, 'day')} ago`;
  return `expires ${expires}, ${daysLeft === 0 ? 'today' : `in ${counted(daysLeft, 'day')}`}`;
}

function matchText({ names, tags, accounts, regions, types }: Match): string {
  const parts = {
    names,
    tags: tags && Object.entries(tags).map(([tag, value]) => `${tag}=${value}`),
    accounts,
    regions,
    types,
  };
  const given = Object.entries(parts).flatMap(([name, values]) => (values ? `${name} ${values.join(', ')}` : []));
  return given.join('; ');
}

function matchedText({ matched, type }: CheckedEntry): string {
  if (!matched) return 'asks for tags, which a scan does not have: what it matches is not known';
  const { stores, decides, names, unmatched } = matched;
  if (stores === 0) return 'matches nothing in this scan';
  const others = stores > names.length ? ` and ${(stores - names.length).toLocaleString('en')} more` : '';
  const undecided = type === 'KEY_RULE' ? undecidedText(stores, decides) : '';
  return `matches ${counted(stores, 'log store')}: ${names.map(printable).join(', ')}${others}${undecided}${deadText(unmatched)}`;
}

function deadText(globs: readonly string[]): string {
  return globs.length === 0 ? '' : `; nothing matches ${globs.map(printable).join(', ')}`;
}

function undecidedText(stores: number, decides: number | null): string {
  if (decides === null) return '; an earlier rule that asks for tags may decide for some';
  if (decides === stores) return '';
  return `; an earlier rule decides for ${decides === 0 ? 'all of them' : (stores - decides).toLocaleString('en')}`;
}

/** Lines of at most 80 columns, since whole entries are easier to tell apart; a longer word has a line of its own. */
function wrapped(words: string, indent: string, more = indent): string {
  const lines = wrapAnsi(words, WIDTH - more.length).split('\n');
  return lines.map((line, index) => `${index === 0 ? indent : more}${line}\n`).join('');
}
