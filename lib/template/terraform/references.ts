import { configPath, type Step, stepsOf } from './addresses.ts';
import { type Configuration, callOf, configured, outputExpressions, referencesIn } from './configuration.ts';
import { fieldIn } from './json.ts';
import type { Resource } from './resources.ts';

/** What an expression comes to, through the inputs and outputs of modules. */
export interface Target {
  readonly resource: Resource;
  /** null: the plan does not say which. */
  readonly attribute: string | null;
  /** Whether no expression on the way refers to anything else. */
  readonly isAlone: boolean;
}

/** Where the file has resources. */
export interface ResourceIndex {
  readonly configuration: Configuration;
  /** By `instancesKey`. */
  readonly instances: ReadonlyMap<string, Instances>;
  /** How much more may be followed in the whole file. */
  readonly work: { left: number };
}

/** Choice. So that no file takes long: a plan of 10,000 log groups, each in a module, takes a tenth of it. */
const MAX_WORK = 1_000_000;

interface Instances {
  readonly all: readonly Resource[];
  /** By their own index, and by those of the modules that they are in. */
  readonly byIndex: ReadonlyMap<string | number, readonly Resource[]>;
}

export function indexOf(configuration: Configuration, resources: readonly Resource[]): ResourceIndex {
  const instances = new Map<string, Instances>();
  const keyOf = ({ path, mode, type, name }: Resource) => instancesKey(path, mode, type, name);
  for (const [key, all] of Map.groupBy(resources, keyOf)) {
    const byIndex = new Map<string | number, Resource[]>();
    for (const each of all) {
      for (const index of new Set(indexesOf(each))) {
        const same = byIndex.get(index);
        if (same) same.push(each);
        else byIndex.set(index, [each]);
      }
    }
    instances.set(key, { all, byIndex });
  }
  return { configuration, instances, work: { left: MAX_WORK } };
}

function instancesKey(path: readonly Step[], mode: string, type: string, name: string): string {
  return `${configPath(path)} ${mode}.${type}.${name}`;
}

interface Hop {
  readonly path: readonly Step[];
  readonly expression: unknown;
  /** What `each.value` is one of. */
  readonly forEach: unknown;
  /** Instead of the attribute that is referred to, which is not known. */
  readonly isVague: boolean;
  readonly isAlone: boolean;
  /** Whether `each.key` or `count.index` is an index on the way. */
  readonly isByOwnIndex: boolean;
}

/**
 * The resources that an expression refers to. What is a local value, or an attribute of something that is not in the file, is left out.
 * @returns empty also where that takes too long
 */
export function targetsOf(index: ResourceIndex, from: Resource, expression: unknown): Target[] {
  const { configuration, work } = index;
  const targets: Target[] = [];
  const forEach = fieldIn(configured(configuration, from), 'for_each_expression');
  const left: Hop[] = [{ path: from.path, expression, forEach, isVague: false, isAlone: true, isByOwnIndex: false }];
  const seen = new Map<unknown, Set<string>>();
  for (let hop = left.pop(); hop; hop = left.pop()) {
    if (work.left < 0) return [];
    // The same expression is another one in another instance of its module.
    const instance = JSON.stringify(hop.path);
    const instances = seen.get(hop.expression) ?? new Set();
    if (hop.expression === undefined || instances.has(instance)) continue;
    seen.set(hop.expression, instances.add(instance));
    const references = referencesIn(hop.expression);
    const isAlone = hop.isAlone && references.length === 1;
    const isByOwnIndex = hop.isByOwnIndex || references.some((each) => /^(?:each\.key|count\.index)$/.test(each));
    work.left -= references.length;
    for (const reference of references) {
      const [first, second, ...more] = stepsOf(reference);
      if (!first || !second) continue;
      if (first.name === 'var') {
        const call = callOf(configuration, hop.path);
        const expressions = fieldIn(call, 'expressions');
        left.push({
          ...{ ...hop, path: hop.path.slice(0, -1), isAlone, isByOwnIndex },
          expression: fieldIn(expressions, second.name),
          forEach: fieldIn(call, 'for_each_expression'),
        });
      } else if (first.name === 'each' && second.name === 'value') {
        left.push({ ...hop, expression: hop.forEach, isAlone: false, isByOwnIndex });
      } else if (first.name === 'module') {
        const output = more[0]?.name;
        const path = [...hop.path, second];
        const isVague = hop.isVague || output === undefined;
        const outputs = outputExpressions(configuration, path, output);
        left.push(
          ...outputs.map((each) => ({ path, expression: each, forEach: undefined, isVague, isAlone, isByOwnIndex })),
        );
      } else {
        const isData = first.name === 'data';
        const [type, name, attribute] = isData ? [second, more[0], more[1]] : [first, second, more[0]];
        const found = name
          ? instancesOf(index, hop.path, isData ? 'data' : 'managed', type.name, name, isByOwnIndex ? from : null)
          : [];
        work.left -= found.length;
        const own = hop.isVague ? null : (attribute?.name ?? null);
        const unread = isData && name && found.length === 0 ? unreadKey(hop.path, type.name, name) : [];
        for (const resource of [...found, ...unread]) targets.push({ resource, attribute: own, isAlone });
      }
    }
  }
  return work.left < 0 ? [] : targets;
}

/** A data source of a key that the plan leaves out, as it is read only during the apply: it has no values yet. */
function unreadKey(path: readonly Step[], type: string, { name, index }: Step): Resource[] {
  if (type !== 'aws_kms_key' && type !== 'aws_kms_alias') return [];
  const address = [...path.map((step) => `module.${step.name}`), `data.${type}.${name}`].join('.');
  const values = { provider: '', values: {}, unknown: null, sensitive: undefined };
  return [{ address, path, mode: 'data', type, name, index, ...values }];
}

function instancesOf(
  { instances, work }: ResourceIndex,
  path: readonly Step[],
  mode: string,
  type: string,
  { name, index }: Step,
  /** Whose index is taken; null: any. */
  sameAs: Resource | null,
): readonly Resource[] {
  const found = instances.get(instancesKey(path, mode, type, name));
  if (!found) return [];
  const isThere = (each: Resource) =>
    (index === undefined || each.index === index) &&
    path.every((step, position) => step.index === undefined || step.index === each.path[position]?.index);
  if (index !== undefined) return (found.byIndex.get(index) ?? []).filter(isThere);
  // An index that is no constant is not in the plan. That of whoever refers is `each.key` or `count.index`.
  const same = (sameAs ? indexesOf(sameAs) : []).flatMap((own) => (found.byIndex.get(own) ?? []).filter(isThere));
  if (same.length > 0) return [...new Set(same)];
  work.left -= found.all.length;
  return found.all.filter(isThere);
}

function indexesOf(resource: Resource): (string | number)[] {
  return [resource, ...resource.path].flatMap((each) => each.index ?? []);
}
