import Table from 'cli-table3';
import type { TargetReport } from '../app/scan/scan-target.ts';
import type { Problem } from '../domain/reasons.ts';
import type { Colors } from './colors.ts';
import { fixFor } from './fixes.ts';

const NO_LINES = Object.fromEntries(
  'top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid'
    .split(' ')
    .map((part) => [part, '']),
);

/** Aligned columns without rules. */
export function columns(head: readonly string[], rows: readonly (readonly string[])[], { bold }: Colors): string {
  const table = new Table({
    chars: { ...NO_LINES, middle: '  ' },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  table.push(head.map(bold), ...rows.map((row) => [...row]));
  return `${table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
}

/** What is wrong and how to fix it, once for each fix, however many log stores it is about. */
export function problems(title: string, all: readonly Problem<string>[], { bold, yellow, dim }: Colors): string {
  if (all.length === 0) return '';
  const groups = Map.groupBy(all, ({ code, fix }) => `${code}\n${fix}`);
  const sections = [...groups.values()].map((group) => {
    const messages = [...new Set(group.map(({ message }) => message))];
    const [{ code, fix } = { code: '', fix: '' }] = group;
    const more = messages.length > 1 ? dim(` (and ${messages.length - 1} more like it)`) : '';
    return `${yellow(code)} × ${group.length}\n  ${messages[0]}${more}\n  ${bold('fix:')} ${fix}\n`;
  });
  return `\n${bold(title)}\n${sections.join('')}`;
}

/** The targets that could not be listed whole. */
export function failures(targets: readonly TargetReport[], { red }: Colors): string {
  return targets
    .filter(({ status }) => status === 'FAILED')
    .map(({ provider, region, stores, error }) => {
      const seen = stores > 0 ? ` after ${stores} log stores` : '';
      const fix = error ? fixFor(error.code, provider) : undefined;
      return `${red(`${region} could not be listed whole: it stopped${seen}: ${error?.code}: ${error?.message}`)}\n${fix ? `  fix: ${fix}\n` : ''}`;
    })
    .join('');
}

/** `1 change`, `2 changes`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** The id is enough to tell keys of one account and Region apart. */
export function shortKey(keyArn: string | null): string {
  return keyArn === null ? '-' : (keyArn.split(/:key\//)[1] ?? keyArn);
}
