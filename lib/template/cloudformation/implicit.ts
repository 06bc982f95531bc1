import type { DeclaredCreator } from '../../domain/template/model.ts';
import { replaceUnknowns, textOf } from '../../domain/template/unknown.ts';
import { creationOf } from './creators.ts';
import type { WrittenResource } from './shape.ts';
import { isThere, NAMES, PROCESSED, propertyOf, type Stack, scopeOf } from './stack.ts';
import type { EveryWorld, World } from './worlds.ts';

/** The log groups of a deployment, by each name that they may have. */
export type GroupsByName = Map<string, { readonly stack: Stack; readonly resource: WrittenResource }[]>;

/** What a log group is called, or the resource elsewhere in the template where AWS makes the name up. */
export function nameOf(stack: Stack, world: World, resource: WrittenResource): string {
  const name = propertyOf(stack, world, resource, 'LogGroupName');
  return String(name ?? scopeOf(stack, world).ref(resource.id));
}

/** What a resource makes CloudWatch Logs create in one world. */
export interface Implicit {
  /** As people say it, before the id of the resource. */
  readonly what: string;
  readonly names: readonly string[];
  /** The log groups that nothing declares: the name, and how the template would write it. */
  readonly missing: readonly (readonly [name: string, written: string])[];
}

/** What a resource makes CloudWatch Logs create in one world; null: nothing. */
export function implicitIn(
  stack: Stack,
  world: World,
  resource: WrittenResource,
  groups: GroupsByName,
): Implicit | null {
  const property = (name: string) => propertyOf(stack, world, resource, name);
  const creationFor = (ref: string) => creationOf({ resource, ref, property });
  const creation = creationFor(String(scopeOf(stack, world).ref(resource.id)));
  if (!creation) return null;
  const { what, names } = creation;
  const isDeclared = (name: string) =>
    (groups.get(name) ?? []).some(
      (each) => isThere(each.stack, world, each.resource) && nameOf(each.stack, world, each.resource) === name,
    );
  if (names.every(isDeclared)) return { what, names, missing: [] };
  const isLiteral = typeof resource.properties[NAMES[resource.type] ?? ''] === 'string';
  const byRef = isLiteral ? names : (creationFor(textOf({ written: resource.id, settledBy: '' }))?.names ?? names);
  const missing = names.flatMap((name, index) =>
    isDeclared(name) ? [] : [[name, withoutPrefix(byRef[index] ?? name, stack)] as const],
  );
  return { what, names, missing };
}

/** A template names what is in it without the stack that it is nested in. */
function withoutPrefix(text: string, { prefix }: Stack): string {
  return replaceUnknowns(text, ({ written, settledBy }) =>
    textOf({ written: written.startsWith(prefix) ? written.slice(prefix.length) : written, settledBy }),
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
