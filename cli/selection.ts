import { nameGlobWarning } from '../lib/config/glob-warning.ts';
import { type Selection, selectionOf } from '../lib/domain/selection.ts';
import type { ScanStatus } from '../lib/report/documents.ts';
import type { Arguments, OptionSpecs } from './arguments.ts';
import type { Host } from './host.ts';

/** Options that choose log stores by their names. */
export const SELECTION_OPTIONS = {
  include: { kind: 'list' },
  exclude: { kind: 'list' },
} as const satisfies OptionSpecs;

export const LIMIT_OPTION = { limit: { kind: 'value', check: limitMistake } } as const satisfies OptionSpecs;

function limitMistake(text: string): string | undefined {
  if (/^[1-9]\d{0,8}$/.test(text)) return undefined;
  return `expected how many log stores to seal at most, a whole number from 1; got ${JSON.stringify(text)}`;
}

/** How many log stores to seal at most; null: all. */
export function limitOf(args: Arguments): number | null {
  const limit = args.value('limit');
  return limit === undefined ? null : Number(limit);
}

/** What the options choose. For all targets of a run, so that it knows which globs matched nothing in any of them. */
export function selection(args: Arguments): Selection {
  return selectionOf(args.list('include'), args.list('exclude'));
}

/** Says which globs were written as regular expressions. */
export function announceSelection(args: Arguments, { err }: Pick<Host, 'err'>): void {
  if (args.flag('quiet')) return;
  for (const name of Object.keys(SELECTION_OPTIONS)) {
    const hints = args.list(name).flatMap((glob) => nameGlobWarning(glob) ?? []);
    for (const hint of hints) err.write(`--${name}: ${hint}\n`);
  }
}

/** Says which globs matched nothing, since a mistyped name looks like success. Only a complete scan can tell. */
export function sayUnmatched(args: Arguments, chosen: Selection, status: ScanStatus, { err }: Pick<Host, 'err'>): void {
  if (args.flag('quiet') || status !== 'COMPLETE') return;
  for (const [name, globs] of Object.entries(chosen.unmatched())) {
    for (const glob of globs) err.write(`--${name}: no log store has a name that matches ${glob}\n`);
  }
}
