import { element } from './element.ts';
import type { Findings } from './findings.ts';

/** As many characters of a long name as always show at its end, where names that begin alike differ. */
const TAIL_CHARACTERS = 14;

const STATUS_TEXT: Readonly<Record<string, string>> = { COMPLIANT: 'Compliant', EXEMPT: 'Exempt', UNKNOWN: 'Unknown' };

/** The cells of a row, in the order of the columns. */
export function rowCells(findings: Findings, row: number): HTMLElement[] {
  const { account, region } = findings.target(row);
  const { status, severity, reasons, warnings } = findings.facts(row);
  const codes = [...reasons, ...warnings].map((place) => findings.data.problems[place]?.code ?? '');
  const key = findings.key(row);
  const cell = (name: string, ...children: (Node | string)[]) =>
    element('div', { role: 'gridcell', class: `c-${name}` }, ...children);
  return [
    cell('severity', ...statusBadges(status, severity, warnings.length)),
    cell('name', middle(findings.name(row))),
    cell('account', account || 'not known'),
    cell('region', region),
    cell('reason', codes.join(', ') || '–'),
    cell('key', key === null ? '–' : element('bdi', { title: key }, shortKey(key))),
  ];
}

/** Open findings show how bad they are, and others what they are. */
export function statusBadges(status: string, severity: string, warnings: number): HTMLElement[] {
  const isOpen = status === 'NON_COMPLIANT' || status === 'UNKNOWN';
  const badge = (name: string, text: string) => element('span', { class: `badge ${name.toLowerCase()}` }, text);
  return [
    ...(isOpen && severity ? [badge(severity, severity)] : []),
    ...(status === 'NON_COMPLIANT' ? [] : [badge(status, STATUS_TEXT[status] ?? status)]),
    ...(warnings > 0 ? [badge('warning', 'Warning')] : []),
  ];
}

export function shortKey(key: string): string {
  return key.split(/:(?=key\/|alias\/)/)[1]?.replace(/^key\//, '') ?? key;
}

/** A text that loses its middle, not its end, where there is no room for all of it. */
function middle(text: string): HTMLElement {
  const cut = Math.max(0, text.length - TAIL_CHARACTERS);
  const [head, tail] = [text.slice(0, cut), text.slice(cut)];
  return element('bdi', { class: 'middle', title: text }, element('span', {}, head), element('span', {}, tail));
}
