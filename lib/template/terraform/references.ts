import { configPath, type Step, stepsOf } from './addresses.ts';
import { type Configuration, inputExpression, outputExpressions, referencesIn } from './configuration.ts';
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
}

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
  return { configuration, instances };
}

function instancesKey(path: readonly Step[], mode: string, type: string, name: string): string {
  return `${configPath(path)} ${mode}.${type}.${name}`;
}

interface Hop {
  readonly path: readonly Step[];
  readonly expression: unknown;
  /** Instead of the attribute that is referred to, which is not known. */
  readonly isVague: boolean;
  readonly isAlone: boolean;
}

/** Choice. So that no file takes long: a reference goes through as many modules as it lies deep. */
const MAX_HOPS = 2_000;

/** The resources that an expression refers to. What is a local value, or an attribute of something that is not in the file, is left out. */
export function targetsOf(index: ResourceIndex, from: Resource, expression: unknown): Target[] {
  const targets: Target[] = [];
  const left: Hop[] = [{ path: from.path, expression, isVague: false, isAlone: true }];
  const seen = new Set<unknown>();
  for (let hop = left.pop(); hop && seen.size < MAX_HOPS; hop = left.pop()) {
    if (hop.expression === undefined || seen.has(hop.expression)) continue;
    seen.add(hop.expression);
    const references = referencesIn(hop.expression);
    const isAlone = hop.isAlone && references.length === 1;
    for (const reference of references) {
      const [first, second, ...more] = stepsOf(reference);
      if (!first || !second) continue;
      if (first.name === 'var') {
        const outer = inputExpression(index.configuration, hop.path, second.name);
        left.push({ ...hop, path: hop.path.slice(0, -1), expression: outer, isAlone });
      } else if (first.name === 'module') {
        const output = more[0]?.name;
        const path = [...hop.path, second];
        const isVague = hop.isVague || output === undefined;
        left.push(
          ...outputExpressions(index.configuration, path, output).map((each) => ({
            path,
            expression: each,
            isVague,
            isAlone,
          })),
        );
      } else {
        const [mode, type, name, attribute] =
          first.name === 'data'
            ? (['data', second, more[0], more[1]] as const)
            : (['managed', first, second, more[0]] as const);
        const own = hop.isVague ? null : (attribute?.name ?? null);
        const found = name && instancesOf(index, hop.path, mode, type.name, name, from);
        targets.push(...(found || []).map((resource) => ({ resource, attribute: own, isAlone })));
      }
    }
  }
  return targets;
}

function instancesOf(
  { instances }: ResourceIndex,
  path: readonly Step[],
  mode: string,
  type: string,
  { name, index }: Step,
  from: Resource,
): readonly Resource[] {
  const found = instances.get(instancesKey(path, mode, type, name));
  if (!found) return [];
  const isThere = (each: Resource) =>
    (index === undefined || each.index === index) &&
    path.every((step, position) => step.index === undefined || step.index === each.path[position]?.index);
  if (index !== undefined) return (found.byIndex.get(index) ?? []).filter(isThere);
  // An index that is no constant, such as each.key, is not in the plan: most often it is that of whoever refers.
  const same = indexesOf(from).flatMap((own) => (found.byIndex.get(own) ?? []).filter(isThere));
  return same.length > 0 ? [...new Set(same)] : found.all.filter(isThere);
}

function indexesOf(resource: Resource): (string | number)[] {
  return [resource, ...resource.path].flatMap((each) => each.index ?? []);
}
