import type { Fields } from '../../domain/template/fields.ts';
import { textOf } from '../../domain/template/unknown.ts';
import { referencesIn } from './configuration.ts';
import { fieldIn, hasTrue, objectsIn, textIn } from './json.ts';
import type { Resource } from './resources.ts';
import { listed, settledBy } from './sources.ts';

/**
 * The policy of a data source's own statements. What is not known of it keeps its place.
 * @param expressions of the data source in the configuration
 * @returns undefined where its form is not known, or must not be shown
 */
export function deferredDocument(
  { values, unknown, sensitive, address }: Resource,
  expressions: Fields,
): string | undefined {
  if (hasTrue(sensitive)) return undefined;
  const flags = fieldIn(unknown, 'statement');
  if (flags === true) return undefined;
  try {
    const statements = objectsIn(values, 'statement').map((statement, position) =>
      statementOf(statement, {
        flags: at(flags, position),
        expressions: at(expressions['statement'], position),
        address,
      }),
    );
    return JSON.stringify({ Version: textIn(values, 'version') ?? '2012-10-17', Statement: statements });
  } catch (error) {
    if (error instanceof FormUnknown) return undefined;
    throw error;
  }
}

/** Which elements a statement has is not known. */
class FormUnknown extends Error {}

/** A part of the data source: what Terraform says of its parts, and where they come from. */
interface Part {
  readonly flags: unknown;
  readonly expressions: unknown;
  /** Of the data source. */
  readonly address: string;
}

function statementOf(statement: Fields, part: Part): Fields {
  const lists = LISTS.map(([name, element]) => [element, listIn(statement, name, part)] as const);
  const principals = PRINCIPALS.map(([name, element]) => [element, principalsIn(statement, name, part)] as const);
  const conditions = conditionsIn(statement, part);
  return {
    ...(textIn(statement, 'sid') !== undefined && { Sid: statement['sid'] }),
    Effect: fieldIn(part.flags, 'effect') === true ? unknownPart('effect', part) : (statement['effect'] ?? 'Allow'),
    ...Object.fromEntries(lists.filter(([, list]) => list.length > 0)),
    ...Object.fromEntries(principals.filter(([, value]) => value !== undefined)),
    ...(conditions !== undefined && { Condition: conditions }),
  };
}

const LISTS = [
  ['actions', 'Action'],
  ['not_actions', 'NotAction'],
  ['resources', 'Resource'],
  ['not_resources', 'NotResource'],
] as const;
const PRINCIPALS = [
  ['principals', 'Principal'],
  ['not_principals', 'NotPrincipal'],
] as const;

function principalsIn(statement: Fields, name: string, part: Part): unknown {
  const all: Record<string, string[]> = {};
  for (const { fields, own } of blocksIn(statement, name, part)) {
    const type = textIn(fields, 'type');
    if (type === undefined) throw new FormUnknown();
    all[type] = [...(all[type] ?? []), ...listIn(fields, 'identifiers', own)];
  }
  const types = Object.keys(all);
  if (types.length === 0) return undefined;
  return types.length === 1 && types[0] === '*' ? '*' : all;
}

function conditionsIn(statement: Fields, part: Part): unknown {
  const all: Record<string, Record<string, string[]>> = {};
  for (const { fields, own } of blocksIn(statement, 'condition', part)) {
    const test = textIn(fields, 'test');
    const variable = textIn(fields, 'variable');
    if (test === undefined || variable === undefined) throw new FormUnknown();
    const values = { ...all[test] };
    values[variable] = [...(values[variable] ?? []), ...listIn(fields, 'values', own)];
    all[test] = values;
  }
  return Object.keys(all).length === 0 ? undefined : all;
}

function blocksIn(statement: Fields, name: string, { flags, expressions, address }: Part) {
  const own = fieldIn(flags, name);
  if (own === true) throw new FormUnknown();
  return objectsIn(statement, name).map((fields, position) => ({
    fields,
    own: { flags: at(own, position), expressions: at(fieldIn(expressions, name), position), address },
  }));
}

function listIn(fields: Fields, name: string, part: Part): string[] {
  const flags = fieldIn(part.flags, name);
  if (flags === true || part.flags === true) return [unknownPart(name, part)];
  const values = fields[name];
  if (!Array.isArray(values)) return [];
  return values.map((value, position) =>
    at(flags, position) === true || typeof value !== 'string' ? unknownPart(name, part) : unescaped(value),
  );
}

/** In this data source policy variables are written with `&`, since `$` is Terraform's own. */
function unescaped(text: string): string {
  return text.replaceAll('&{', '${');
}

function unknownPart(name: string, { expressions, address }: Part): string {
  const references = referencesIn(fieldIn(expressions, name));
  // A dynamic block has no expressions.
  const isSaid = references.length > 0;
  return textOf({
    written: isSaid ? listed(references) : `${address}.${name}`,
    settledBy: settledBy(isSaid ? references : [address]),
  });
}

function at(list: unknown, position: number): unknown {
  return Array.isArray(list) ? list[position] : undefined;
}
