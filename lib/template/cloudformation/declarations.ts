import type {
  Declarations,
  Declared,
  DeclaredCreator,
  DeclaredKey,
  DeclaredLogGroup,
  KeyReference,
} from '../../domain/template/model.ts';
import type { TemplateNote } from '../../domain/template/note.ts';
import { UsageError } from '../../errors.ts';
import { constructOf } from './cdk.ts';
import { mayCreate } from './creators.ts';
import { declaredKey, isBare, isKey } from './declared-key.ts';
import { creatorsOf, type GroupsByName, implicitIn, nameOf } from './implicit.ts';
import { passed } from './key-parameter.ts';
import { type Keys, keyReference, keysOf } from './keys.ts';
import { languageOf } from './language.ts';
import { misplacedIn } from './refused.ts';
import type { WrittenResource } from './shape.ts';
import { isThere, PROCESSED, type Stack, textOfProperty } from './stack.ts';
import { whyNone } from './why-none.ts';
import { type EveryWorld, inEveryWorld, World } from './worlds.ts';

/**
 * What a stack and those nested in it declare, one after the other. What is wrong goes to `mistakes`.
 * @param others stacks whose exports it may import
 */
export function declarationsOf(root: Stack, mistakes: TemplateNote[], others: readonly Stack[] = []): Declarations[] {
  const stacks = withNested(root);
  const keys = keysOf([...stacks, ...others.flatMap(withNested)]);
  const world = new World();
  const names: GroupsByName = new Map();
  const declared = stacks.map((stack) => {
    const each = inEach(stack, world, mistakes);
    return { stack, each, ...groupsAndKeysIn(stack, each, keys, names, mistakes) };
  });
  // The log group may be declared in another stack of the deployment than what makes CloudWatch Logs create it.
  return declared.map(({ stack, each, groups, keys: own }) => ({
    ...stack.place,
    language: languageOf(stack.template),
    groups,
    keys: own,
    creators: creatorsIn(stack, each, names),
  }));
}

function withNested(stack: Stack): Stack[] {
  return [stack, ...[...stack.nested.values()].flatMap(withNested)];
}

/** What something is in every world in which its resource is there; undefined: it is there in none, or there is a mistake. */
type Each = <T>(resource: WrittenResource, run: (world: World) => T) => (EveryWorld<T> & WhetherThere) | undefined;

interface WhetherThere {
  /** Whether the resource is there in every world. */
  readonly isAlwaysThere: boolean;
}

function inEach(stack: Stack, world: World, mistakes: TemplateNote[]): Each {
  const { file } = stack.template;
  return (resource, run) => {
    try {
      const all = inEveryWorld(world, (one) => (isThere(stack, one, resource) ? { value: run(one) } : null));
      const values = all.values.flatMap((found) => (found ? [found.value] : []));
      const isAlwaysThere = !all.isCutOff && values.length === all.values.length;
      return values.length === 0 ? undefined : { ...all, values, isAlwaysThere };
    } catch (error) {
      const found = mistakesIn(error, resource);
      if (!found) throw error;
      mistakes.push(...found.map((message) => ({ file, line: resource.line, message })));
      return undefined;
    }
  };
}

function groupsAndKeysIn(stack: Stack, each: Each, keys: Keys, names: GroupsByName, mistakes: TemplateNote[]) {
  const groups: DeclaredLogGroup[] = [];
  const declared: DeclaredKey[] = [];
  for (const resource of stack.template.resources.values()) {
    if (resource.type === 'AWS::Logs::LogGroup') {
      const all = each(resource, (one) => groupIn(stack, one, resource, keys));
      if (!all) continue;
      mistakes.push(...misplacedKeys(stack, resource));
      const own = new Set(all.values.map(({ name }) => name));
      for (const name of own) names.set(name, [...(names.get(name) ?? []), { stack, resource }]);
      groups.push({
        ...placeOf(stack, resource, all),
        name: own.size === 1 ? ([...own][0] ?? null) : null,
        key: oneOf(all),
        isBare: isBare(resource),
      });
    } else if (isKey(resource)) {
      const all = each(resource, (one) => declaredKey(stack, resource, one));
      const { condition } = resource;
      const own = all?.values ?? [];
      declared.push(...(all?.isAlwaysThere || condition === null ? own : own.map((key) => ({ ...key, condition }))));
    }
  }
  return { groups, keys: declared };
}

function misplacedKeys({ template: { file } }: Stack, resource: WrittenResource): TemplateNote[] {
  const { id, line, macro } = resource;
  if (macro !== null) return [];
  return misplacedIn(resource).map(({ wrong, instead }) => {
    const message = `Resources.${id}: ${wrong}, so CloudFormation refuses it: ${instead}`;
    return { file, line, message };
  });
}

function creatorsIn(stack: Stack, each: Each, names: GroupsByName): DeclaredCreator[] {
  return [...stack.template.resources.values()].filter(mayCreate).flatMap((resource) => {
    const all = each(resource, (one) => implicitIn(stack, one, resource, names));
    const [first] = all?.values.flatMap((implicit) => implicit ?? []) ?? [];
    if (!all || !first) return [];
    const what = `${first.what} ${resource.id}`;
    return creatorsOf(stack, all).map((creator) => ({ ...placeOf(stack, resource, all), what, ...creator }));
  });
}

function placeOf({ template }: Stack, resource: WrittenResource, { isAlwaysThere }: WhetherThere): Declared {
  const { id, line, condition } = resource;
  const sourcePath = constructOf(resource);
  return {
    ...{ file: template.file, line, id },
    ...(!isAlwaysThere && condition !== null && { condition }),
    ...(sourcePath !== undefined && { sourcePath }),
  };
}

/** The mistakes in a template that an error is about; null: it is about something else. */
export function mistakesIn(error: unknown, { id }: WrittenResource): readonly string[] | null {
  if (error instanceof UsageError) return error.mistakes;
  // Names and conditions that refer to each other thousands of times.
  if (error instanceof RangeError) return [`Resources.${id}: its names or conditions refer to each other too often`];
  return error instanceof Error && error.constructor === Error ? [`Resources.${id}: ${error.message}`] : null;
}

function groupIn(stack: Stack, world: World, resource: WrittenResource, keys: Keys) {
  const key = textOfProperty(stack, world, resource, 'KmsKeyId');
  return {
    name: nameOf(stack, world, resource),
    key:
      key === undefined && resource.macro !== null
        ? {
            kind: 'UNDETERMINED' as const,
            because: `the macro ${resource.macro} may add KmsKeyId`,
            settledBy: [PROCESSED],
          }
        : passed(keyReference(key, stack, world, keys, whyNone(resource, stack)), resource, stack, world),
  };
}

/** The key of a log group in all worlds together. */
function oneOf({ values, dependsOn, settledBy, isCutOff }: EveryWorld<{ readonly key: KeyReference }>): KeyReference {
  const [first, ...others] = values.map(({ key }) => key);
  const because = `it depends on ${dependsOn.join(', ')}`;
  if (!first || isCutOff) return { kind: 'UNDETERMINED', because, settledBy };
  const alternatives = [...new Map([first, ...others].map((key) => [JSON.stringify(key), key])).values()];
  return alternatives.length === 1 ? first : { kind: 'ONE_OF', alternatives, because, settledBy };
}
