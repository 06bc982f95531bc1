import * as v from 'valibot';
import { UsageError } from '../lib/errors.ts';

/**
 * Validates a value.
 * @param at names the whole value in messages
 * @param prefix goes before the path of each mistake
 * @throws UsageError that lists every mistake
 */
export function parse<Schema extends v.GenericSchema>(schema: Schema, value: unknown, at: string, prefix = '') {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output as v.InferOutput<Schema>;
  throw new UsageError(result.issues.map((issue) => `${prefix}${v.getDotPath(issue) ?? at}: ${issue.message}`));
}

/** As much of a name as a person reads: in its place there may be a whole document. */
const MAX_NAME = 60;

/** The mistake in a name that a world does not declare. */
export function noneNamed(what: string): (issue: v.BaseIssue<unknown>) => string {
  return ({ received }) =>
    `no ${what} is named ${received.length > MAX_NAME ? `${received.slice(0, MAX_NAME)}…` : received}`;
}

/** Lists every unknown field, and the known ones; valibot's `strictObject` stops at the first. */
export function strict<Entries extends v.ObjectEntries>(entries: Entries): v.StrictObjectSchema<Entries, undefined> {
  return v.objectWithRest(
    entries,
    v.never(`unknown field; known are ${Object.keys(entries).join(', ')}`),
  ) as unknown as v.StrictObjectSchema<Entries, undefined>;
}
