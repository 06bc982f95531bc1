import type { DeclaredCreator } from '../../domain/template/model.ts';
import { replaceUnknowns, textOf } from '../../domain/template/unknown.ts';
import { type AsWritten, asWritten } from './as-written.ts';
import { creationOf, nameInLogs } from './creators.ts';
import type { WrittenResource } from './shape.ts';
import { isThere, NAMES, PROCESSED, propertyOf, type Stack, scopeOf } from './stack.ts';
import type { EveryWorld, World } from './worlds.ts';

/** The log groups of a deployment, by each name that they may have. */
export type GroupsByName = Map<string, { readonly stack: Stack; readonly resource: WrittenResource }[]>;

/** What a log group is called, or the resource elsewhere in the template where AWS makes the name up. */
export function nameOf(stack: Stack, world: World, resource: WrittenResource): string {
  return String(scopeOf(stack, world).ref(resource.id));
}

/** What a resource makes CloudWatch Logs create in one world. */
export interface Implicit {
  /** As people say it, before the id of the resource. */
  readonly what: string;
  readonly names: readonly string[];
  /** The log groups that nothing declares: the name, and how the template would write it. */
  readonly missing: readonly (readonly [name: string, written: unknown])[];
}

/** What a resource makes CloudWatch Logs create in one world; null: nothing. */
export function implicitIn(
  stack: Stack,
  world: World,
  resource: WrittenResource,
  groups: GroupsByName,
): Implicit | null {
  const ref = String(scopeOf(stack, world).ref(resource.id));
  const inLogs = nameInLogs(resource, ref);
  const creation = creationOf({ resource, ref: inLogs, property: (name) => propertyOf(stack, world, resource, name) });
  if (!creation) return null;
  const { what, names } = creation;
  const isDeclared = (name: string) =>
    (groups.get(name) ?? []).some(
      (each) => isThere(each.stack, world, each.resource) && nameOf(each.stack, world, each.resource) === name,
    );
  if (names.every(isDeclared)) return { what, names, missing: [] };
  const written = asWritten(stack, world, resource);
  const ownName = inLogs === ref ? nameAsWritten(resource, written) : withoutPrefix(inLogs, stack);
  const made = creationOf({ resource, ref: ownName, property: written.property })?.names;
  const texts = made?.length === names.length ? made : names.map((name) => withoutPrefix(name, stack));
  const missing = names.flatMap((name, index) =>
    isDeclared(name) ? [] : [[name, written.expression(texts[index] ?? name)] as const],
  );
  return { what, names, missing };
}

/** How the template may write the name of a resource. */
function nameAsWritten({ id, type, properties }: WrittenResource, { property }: AsWritten): string {
  const name = NAMES[type] ?? '';
  const value = property(name);
  // A reference delays the log group until the resource is there, which is too late where that resource creates it at once.
  const isReferred = typeof value !== 'string' || (isFunction(type) && typeof properties[name] !== 'string');
  return isReferred ? textOf({ written: id, settledBy: '' }) : value;
}

/** A function makes CloudWatch Logs create its log group only once it is called. */
function isFunction(type: string): boolean {
  return type.endsWith('::Function');
}

/** A template names what is in it without the stack that it is nested in. */
function withoutPrefix(text: string, { prefix }: Stack): string {
  return replaceUnknowns(text, (value) =>
    textOf({
      ...value,
      written: value.written.startsWith(prefix) ? value.written.slice(prefix.length) : value.written,
    }),
  );
}

/** The log groups that a resource makes CloudWatch Logs create, unless that is certainly not so. */
export function creatorsOf(
  { template }: Stack,
  { values, dependsOn, settledBy, isCutOff }: EveryWorld<Implicit | null>,
): Pick<DeclaredCreator, 'name' | 'writtenName' | 'unless'>[] {
  const [adder] = template.adders;
  const isAlways = !isCutOff && values.every((each) => each !== null && each.missing.length > 0);
  return [...new Map(values.flatMap((each) => each?.missing ?? []))].map(([name, writtenName]) => {
    const isDeclared = (each: Implicit | null) => each?.names.includes(name) && !new Map(each.missing).has(name);
    if (!isAlways || values.some(isDeclared))
      return { name, writtenName, unless: { because: `it depends on ${dependsOn.join(', ')}`, settledBy } };
    if (adder === undefined) return { name, writtenName };
    return { name, writtenName, unless: { because: `${adder} may declare it`, settledBy: [PROCESSED] } };
  });
}
