import { isFields } from '../../domain/template/fields.ts';
import type { Declarations, DeclaredCreator, DeclaredLogGroup, KeyReference } from '../../domain/template/model.ts';
import type { TemplateNote } from '../../domain/template/note.ts';
import { UsageError } from '../../errors.ts';
import { creationOf, mayCreate } from './creators.ts';
import { declaredKey, isKey, type Keys, keyReference, keysOf, type WhyNone } from './keys.ts';
import { languageOf } from './language.ts';
import type { WrittenResource } from './shape.ts';
import { isThere, PROCESSED, propertyOf, type Stack, scopeOf } from './stack.ts';
import { type EveryWorld, inEveryWorld, World } from './worlds.ts';

/** What a stack and those nested in it declare, one after the other. What is wrong goes to `mistakes`. */
export function declarationsOf(root: Stack, mistakes: TemplateNote[]): Declarations[] {
  const stacks = withNested(root);
  const keys = keysOf(stacks);
  const world = new World();
  return stacks.map((stack) => declarationsIn(stack, world, keys, mistakes));
}

function withNested(stack: Stack): Stack[] {
  return [stack, ...[...stack.nested.values()].flatMap(withNested)];
}

function declarationsIn(stack: Stack, world: World, keys: Keys, mistakes: TemplateNote[]): Declarations {
  const { template, place } = stack;
  const { file } = template;
  /** What something is in every world in which its resource is there; undefined: it is there in none, or there is a mistake. */
  const each = <T>(resource: WrittenResource, run: (world: World) => T): EveryWorld<T> | undefined => {
    try {
      const all = inEveryWorld(world, (one) => (isThere(stack, one, resource) ? { value: run(one) } : null));
      const values = all.values.flatMap((found) => (found ? [found.value] : []));
      return values.length === 0 ? undefined : { ...all, values };
    } catch (error) {
      const found = mistakesIn(error, resource);
      if (!found) throw error;
      mistakes.push(...found.map((message) => ({ file, line: resource.line, message })));
      return undefined;
    }
  };
  const groups: DeclaredLogGroup[] = [];
  const named = new Map<string, WrittenResource[]>();
  const creators: WrittenResource[] = [];
  const declared = [];
  for (const resource of template.resources.values()) {
    const { id, line, type } = resource;
    if (type === 'AWS::Logs::LogGroup') {
      const all = each(resource, (one) => groupIn(stack, one, resource, keys));
      if (!all) continue;
      const own = new Set(all.values.map(({ name }) => name));
      for (const name of own) named.set(name, [...(named.get(name) ?? []), resource]);
      groups.push({ file, line, id, name: own.size === 1 ? ([...own][0] ?? null) : null, key: oneOf(all) });
    } else if (mayCreate(resource)) creators.push(resource);
    else if (isKey(resource))
      declared.push(...(each(resource, (one) => declaredKey(stack, resource, one))?.values.slice(0, 1) ?? []));
  }
  /** Whether a log group of that name is there in a world. */
  const isDeclared = (one: World) => (name: string) =>
    (named.get(name) ?? []).some((group) => isThere(stack, one, group) && nameOf(stack, one, group) === name);
  const found = creators.flatMap((resource): DeclaredCreator[] => {
    const { id, line } = resource;
    const all = each(resource, (one) => {
      const creation = creationIn(stack, one, resource);
      return creation && { ...creation, declared: creation.names.filter(isDeclared(one)) };
    });
    const creations = all?.values.flatMap((creation) => creation ?? []) ?? [];
    const declaredNames = new Set(creations.flatMap((creation) => creation.declared));
    const own = new Set(creations.flatMap((creation) => creation.names));
    return [...own]
      .filter((name) => !declaredNames.has(name))
      .map((name) => ({ file, line, id, what: `${creations[0]?.what} ${id}`, name }));
  });
  return {
    ...place,
    language: languageOf(template.isJson),
    groups,
    keys: declared,
    creators: found,
  };
}

/** The mistakes in a template that an error is about; null: it is about something else. */
function mistakesIn(error: unknown, { id }: WrittenResource): readonly string[] | null {
  if (error instanceof UsageError) return error.mistakes;
  // Names and conditions that refer to each other thousands of times.
  if (error instanceof RangeError) return [`Resources.${id}: its names or conditions refer to each other too often`];
  return error instanceof Error && error.constructor === Error ? [`Resources.${id}: ${error.message}`] : null;
}

function groupIn(stack: Stack, world: World, resource: WrittenResource, keys: Keys) {
  const key = propertyOf(stack, world, resource, 'KmsKeyId');
  return {
    name: nameOf(stack, world, resource),
    key:
      key === undefined && resource.macro !== null
        ? {
            kind: 'UNDETERMINED' as const,
            because: `the macro ${resource.macro} may add KmsKeyId`,
            settledBy: [PROCESSED],
          }
        : keyReference(key, stack, world, keys, whyNone(resource, stack)),
  };
}

/** What a log group is called, or the resource elsewhere in the template where AWS makes the name up. */
function nameOf(stack: Stack, world: World, resource: WrittenResource): string {
  const name = propertyOf(stack, world, resource, 'LogGroupName');
  return String(name ?? scopeOf(stack, world).ref(resource.id));
}

/** Why a log group has no key although the template has a place for one; null: it has none. */
function whyNone({ properties }: WrittenResource, { template }: Stack): WhyNone | null {
  const { KmsKeyId: written } = properties;
  const choice = isFields(written) ? written['Fn::If'] : undefined;
  if (!Array.isArray(choice)) return null;
  const because = `Fn::If ${choice[0]} leaves KmsKeyId out with these parameters; --parameter NAME=VALUE checks others`;
  const names = choice.slice(1).flatMap((branch) => (isFields(branch) ? (branch['Ref'] ?? []) : []));
  const parameter = names.find((name) => Object.hasOwn(template.parameters, String(name)));
  if (parameter === undefined) return { because };
  return { because, instead: `deploy with the ARN of a key as ${parameter}: --parameter ${parameter}=ARN checks it` };
}

function creationIn(stack: Stack, world: World, resource: WrittenResource) {
  const ref = scopeOf(stack, world).ref(resource.id);
  return creationOf({ resource, ref: String(ref), property: (name) => propertyOf(stack, world, resource, name) });
}

/** The key of a log group in all worlds together. */
function oneOf({ values, dependsOn, settledBy, isCutOff }: EveryWorld<{ readonly key: KeyReference }>): KeyReference {
  const [first, ...others] = values.map(({ key }) => key);
  const because = `it depends on ${dependsOn.join(', ')}`;
  if (!first || isCutOff) return { kind: 'UNDETERMINED', because, settledBy };
  const alternatives = [...new Map([first, ...others].map((key) => [JSON.stringify(key), key])).values()];
  return alternatives.length === 1 ? first : { kind: 'ONE_OF', alternatives, because, settledBy };
}
