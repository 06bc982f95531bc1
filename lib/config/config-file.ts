import type { Configuration, ConfiguredExemption, KeyRule } from '../domain/configuration.ts';
import { dayOf } from '../domain/exemption.ts';
import type { FileNote } from '../domain/file-note.ts';
import type { LogStoreType } from '../domain/log-store.ts';
import type { Match } from '../domain/match.ts';
import { DEFAULT_PROVIDER, PROVIDERS } from '../domain/providers/index.ts';
import type { Mistake, ProviderTraits } from '../domain/providers/provider.ts';
import { kindOf, LOG_STORE_TYPES } from '../domain/stores/index.ts';
import {
  digits,
  entriesOf,
  type Field,
  fieldsOf,
  listOf,
  mistaken,
  noteAt,
  prose,
  type Reader,
  type Reading,
  required,
  text,
} from './fields.ts';
import { globWarning, nameGlobWarning } from './glob-warning.ts';
import { quoted } from './quoted.ts';
import { yamlNodes } from './yaml-nodes.ts';

export const CONFIG_SCHEMA = 'logseal/config/1';

/** A configuration file that is right. */
export interface RightFile {
  readonly status: 'READ';
  readonly configuration: Configuration;
  /** Where each entry begins, by its place in the configuration. */
  readonly lines: { readonly exemptions: readonly number[]; readonly keys: readonly number[] };
  readonly warnings: readonly FileNote[];
}

/** A configuration file with mistakes: all of them, in the order of the file. */
export interface WrongFile {
  readonly status: 'MISTAKES';
  readonly mistakes: readonly FileNote[];
}

/** Longest names and values, from AWS (CloudWatch Logs API, `CreateLogGroup`, `Tag`) where it has one; else a choice. */
const MAX = { id: 128, reason: 1_000, owner: 256, glob: 512, tagKey: 128 } as const;
const DAY = 'a day such as 2027-03-31';
/** How far ahead an exemption may end, so that somebody asks again whether it is still needed. */
const MAX_YEARS = 2;

/** Reads YAML or JSON. Never throws. @param now which days are too far ahead */
export function readConfigFile(bytes: Uint8Array, now: Date): RightFile | WrongFile {
  const file = yamlNodes(bytes);
  if ('mistakes' in file) return { status: 'MISTAKES', mistakes: file.mistakes };
  const reading: Reading = { place: file.place, mistakes: [], warnings: [] };
  const root: Field = { path: '', node: file.root, offset: 0, reading };
  const starts = { exemptions: [] as number[], keys: [] as number[] };
  const configuration =
    file.root === null ? mistaken(root, 'expected a configuration, got an empty file') : read(root, now, starts);
  const { mistakes, warnings } = reading;
  if (mistakes.length > 0 || !configuration) {
    return { status: 'MISTAKES', mistakes: mistakes.sort((one, other) => one.line - other.line) };
  }
  return { status: 'READ', configuration, lines: starts, warnings };
}

function read(root: Field, now: Date, starts: { exemptions: number[]; keys: number[] }): Configuration | undefined {
  const fields = fieldsOf(root, ['schema', 'exemptions', 'keys']);
  if (!fields) return undefined;
  const isOurs = (value: string) =>
    value === CONFIG_SCHEMA ? undefined : `expected ${CONFIG_SCHEMA}, got ${quoted(value)}`;
  required(root, fields, 'schema', CONFIG_SCHEMA, text(CONFIG_SCHEMA, 100, isOurs));
  const entries = <T>(name: 'exemptions' | 'keys', reader: Reader<T>): readonly T[] => {
    const field = fields.get(name);
    const found =
      field && listOf(name === 'keys' ? 'key rules' : 'exemptions', starting(starts[name], reader), true)(field);
    return found ?? [];
  };
  const ids = new Map<string, number | null>(BUILT_IN_IDS.map((id) => [id, null]));
  let forAll: number | undefined;
  return {
    exemptions: entries('exemptions', (field) => exemption(field, ids, now)),
    keys: entries('keys', (field) => {
      const rule = keyRule(field);
      if (forAll !== undefined) {
        field.reading.warnings.push(
          noteAt(field, `the key rule of line ${forAll} matches every log store, so this one never decides`),
        );
      } else if (rule && matchesAll(rule.match)) forAll = field.reading.place(field.offset).line;
      return rule;
    }),
  };
}

function matchesAll({ names = [], tags, accounts, regions, types }: Match): boolean {
  return names.includes('*') && !tags && !accounts && !regions && !types;
}

/** Notes the line of each entry. */
function starting<T>(lines: number[], reader: Reader<T>): Reader<T> {
  return (field) => {
    lines.push(field.reading.place(field.offset).line);
    return reader(field);
  };
}

const BUILT_IN_IDS = LOG_STORE_TYPES.flatMap((type) => kindOf({ type }).exemptions.map(({ id }) => id));

/** @param ids those of the exemptions before, with their lines; null: it is built in */
function exemption(field: Field, ids: Map<string, number | null>, now: Date): ConfiguredExemption | undefined {
  const fields = fieldsOf(field, ['id', 'match', 'reason', 'owner', 'expires']);
  if (!fields) return undefined;
  const id = required(field, fields, 'id', 'an id', (own) => ownId(own, ids));
  const match = required(field, fields, 'match', 'what it matches', readMatch);
  const reason = required(field, fields, 'reason', 'a reason', prose('a reason', MAX.reason));
  const owner = required(field, fields, 'owner', 'an owner', prose('an owner', MAX.owner));
  const expires = required(
    field,
    fields,
    'expires',
    DAY,
    text(DAY, 100, (day) => dayMistake(day, now)),
  );
  if (id === undefined || !match || reason === undefined || owner === undefined || expires === undefined)
    return undefined;
  return { id, match, reason, owner, expires };
}

function ownId(field: Field, ids: Map<string, number | null>): string | undefined {
  const id = text('an id', MAX.id)(field);
  if (id === undefined) return undefined;
  const earlier = ids.get(id);
  if (earlier === null) return mistaken(field, `expected an id of its own, got ${quoted(id)}, which is built in`);
  if (earlier !== undefined)
    return mistaken(field, `expected an id of its own, got ${quoted(id)}, which line ${earlier} has`);
  ids.set(id, field.reading.place(field.offset).line);
  return id;
}

function dayMistake(day: string, now: Date): Mistake {
  const midnight = /^\d{4}-\d{2}-\d{2}$/.test(day) ? new Date(`${day}T00:00:00Z`) : undefined;
  const isDay = midnight && !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
  if (!isDay) return `expected ${DAY}, got ${quoted(day)}`;
  const last = dayOf(new Date(Date.UTC(now.getUTCFullYear() + MAX_YEARS, now.getUTCMonth(), now.getUTCDate())));
  return day <= last ? undefined : `expected a day at most two years ahead (${last}), got ${quoted(day)}`;
}

function keyRule(field: Field): KeyRule | undefined {
  const fields = fieldsOf(field, ['match', 'key']);
  if (!fields) return undefined;
  const match = required(field, fields, 'match', 'what it matches', readMatch);
  const { keyMistake } = traitsFor(match?.types);
  const key = required(
    field,
    fields,
    'key',
    'a key',
    text('a key', 2_048, (value) => keyMistake(value, match?.regions ?? [])),
  );
  return match && key !== undefined ? { match, key } : undefined;
}

function readMatch(field: Field): Match | undefined {
  const fields = fieldsOf(field, ['names', 'tags', 'accounts', 'regions', 'types']);
  if (!fields) return undefined;
  const before = field.reading.mistakes.length;
  const part = <T>(name: string, reader: Reader<T>) => {
    const own = fields.get(name);
    return own && reader(own);
  };
  if (!fields.has('names') && !fields.has('tags')) mistaken(field, 'expected names or tags at least, got neither');
  const types = part('types', listOf('types', logStoreType));
  const { accountMistake, regionMistake } = traitsFor(types);
  const match: Match = {
    names: part('names', listOf('globs such as "/vendor/*"', glob('a glob', nameGlobWarning))),
    tags: part('tags', tags),
    accounts: part(
      'accounts',
      listOf('account ids in quotes', digits('an account id of twelve digits', accountMistake)),
    ),
    regions: part(
      'regions',
      listOf('Regions such as eu-west-1', text('a Region such as eu-west-1', 100, regionMistake)),
    ),
    types,
  };
  return field.reading.mistakes.length === before ? match : undefined;
}

/** Those of the one provider that all types belong to, or the default ones. */
function traitsFor(types: readonly LogStoreType[] = []): ProviderTraits {
  const [provider = DEFAULT_PROVIDER, ...others] = new Set(types.map((type) => kindOf({ type }).provider));
  return PROVIDERS[others.length === 0 ? provider : DEFAULT_PROVIDER];
}

function logStoreType(field: Field): LogStoreType | undefined {
  const what = `one of ${LOG_STORE_TYPES.join(', ')}`;
  const name = text(what, 100)(field);
  if (name === undefined) return undefined;
  return LOG_STORE_TYPES.find((type) => type === name) ?? mistaken(field, `expected ${what}, got ${quoted(name)}`);
}

function glob(what: string, warningOf: (glob: string) => string | undefined): Reader<string> {
  const read = text(what, MAX.glob);
  return (field) => {
    const value = read(field);
    const warning = value === undefined ? undefined : warningOf(value);
    if (warning !== undefined) field.reading.warnings.push(noteAt(field, warning));
    return value;
  };
}

function tags(field: Field): Readonly<Record<string, string>> | undefined {
  const entries = entriesOf(field, 'tags such as { team: data }');
  if (!entries) return undefined;
  if (entries.size === 0) return mistaken(field, 'expected tags such as { team: data }, got none');
  const value = glob('a glob for the value of the tag', globWarning);
  const found = [...entries].map(([key, own]) => {
    if (key === '' || key.length > MAX.tagKey || /[\p{Cc}\p{Cf}]/u.test(key)) {
      mistaken(own, `expected the key of a tag: 1 to ${MAX.tagKey} characters, and no control characters`);
    }
    return [key, value(own) ?? ''] as const;
  });
  // Without a prototype, since a tag may have any key.
  return Object.assign(Object.create(null), Object.fromEntries(found));
}
