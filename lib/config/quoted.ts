import { printable } from '../domain/printable.ts';

const MAX_SHOWN = 60;

/** As much of a text as a person reads, in quotes. */
export function quoted(value: string): string {
  return printable(JSON.stringify(value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value));
}
