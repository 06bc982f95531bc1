import Table from 'cli-table3';
import type { TargetReport } from '../app/scan.ts';
import type { Remark } from '../domain/reason.ts';
import type { Colors } from './colors.ts';
import { cureOf } from './cures.ts';

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

/** What is wrong and what cures it, once for each cure, however many log stores it is about. */
export function remarks(title: string, all: readonly Remark<string>[], { bold, yellow, dim }: Colors): string {
  if (all.length === 0) return '';
  const groups = Map.groupBy(all, ({ code, cure }) => `${code}\n${cure}`);
  const sections = [...groups.values()].map((group) => {
    const messages = [...new Set(group.map(({ message }) => message))];
    const [{ code, cure } = { code: '', cure: '' }] = group;
    const more = messages.length > 1 ? dim(` (and ${messages.length - 1} more like it)`) : '';
    return `${yellow(code)} × ${group.length}\n  ${messages[0]}${more}\n  ${bold('cure:')} ${cure}\n`;
  });
  return `\n${bold(title)}\n${sections.join('')}`;
}

/** The targets that could not be listed whole. */
export function failures(targets: readonly TargetReport[], { red }: Colors): string {
  return targets
    .filter(({ status }) => status === 'FAILED')
    .map(({ provider, region, stores, error }) => {
      const seen = stores > 0 ? ` after ${stores} log stores` : '';
      const cure = error ? cureOf(error.code, provider) : undefined;
      return `${red(`${region} could not be listed whole: it stopped${seen}: ${error?.code}: ${error?.message}`)}\n${cure ? `  cure: ${cure}\n` : ''}`;
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
