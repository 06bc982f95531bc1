import type { Severity } from '../../domain/catalogue-entry.ts';
import type { FindingStatus } from '../../domain/finding.ts';
import { printable } from '../../domain/printable.ts';
import { html, type Markup, type Part } from './markup.ts';

/** Each status as people read it. */
export const STATUS_TEXT: Readonly<Record<FindingStatus, string>> = {
  NON_COMPLIANT: 'Not compliant',
  UNKNOWN: 'Unknown',
  EXEMPT: 'Exempt',
  COMPLIANT: 'Compliant',
};

/** `21 November 2026`, in UTC. @param time ISO 8601, or its day alone */
export function day(time: string): string {
  return formatted(time, { dateStyle: 'long' });
}

/** `21 November 2026 at 00:00 UTC`. */
export function moment(time: string): string {
  return `${formatted(time, { dateStyle: 'long', timeStyle: 'short' })} UTC`;
}

/** A text that is no time stays as it is. */
function formatted(time: string, style: Intl.DateTimeFormatOptions): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? time : date.toLocaleString('en-GB', { ...style, timeZone: 'UTC' });
}

/** An account whose id no call returned has no name. */
export function accountText(account: string): string {
  return account === '' ? 'account not known' : account;
}

/** The severity in its colour, and in words. */
export function severityBadge(severity: Severity): Markup {
  return html`<span class="badge ${severity.toLowerCase()}">${severity}</span>`;
}

/** A link that shows only some of the findings. @param filter names and values as the address has them */
export function findingsLink(filter: Readonly<Record<string, string>>, label: Part): Markup {
  const values = Object.entries(filter).map(([name, value]): [string, string] => [name, printable(value)]);
  return html`<a href="#${new URLSearchParams(values).toString()}">${label}</a>`;
}

/** A command with a button that copies it. */
export function copyable(command: string): Markup {
  return html`<div class="command"><code>${command}</code><button type="button" class="copy" data-copy="${command}" hidden>Copy<span class="unseen"> ${command}</span></button></div>`;
}

/** The part of a key's ARN that tells keys of one account and Region apart. */
export function keyId(keyArn: string): string {
  return keyArn.split(/:(?=key\/|alias\/)/)[1]?.replace(/^key\//, '') ?? keyArn;
}
