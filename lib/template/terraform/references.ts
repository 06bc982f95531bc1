import { configPath, moduleAddress, type Step, stepsOf } from './addresses.ts';
import { type Configuration, callOf, configured, outputExpressions, referencesIn, saysValue } from './configuration.ts';
import { fieldIn } from './json.ts';
import type { Resource } from './resources.ts';

/** What an expression comes to, through the inputs and outputs of modules. */
export interface Target {
  readonly resource: Resource;
  /** null: the plan does not say which. */
  readonly attribute: string | null;
  /** Whether no expression on the way refers to anything else. */
  readonly isAlone: boolean;
  /** Whether no expression on the way refers to anything else that may be a part of the value. */
  readonly isChosen: boolean;
  /** Whether the plan does not say which output of a module it is. */
  readonly isVague: boolean;
}

/** What has an expression. */
type Referrer = Pick<Resource, 'path' | 'mode' | 'type' | 'name' | 'index'>;

/** All that an expression comes to. */
export interface Reached {
  readonly targets: readonly Target[];
  /** Where the way ends at something of which the plan has no definition, such as `local.key`. */
  readonly open: readonly string[];
  /** Variables on the way of which the file does not say the value. */
  readonly unsaid: readonly string[];
}

/** What may choose a value, as in `coalesce(var.policy, data.aws_iam_policy_document.key.json)`, without being a part of it. */
export const CHOOSES = /^(?:var|each|count)\./;

/** Where the file has resources. */
export interface ResourceIndex {
  readonly configuration: Configuration;
  /** By `resourceKey`. */
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
  const keyOf = ({ path, mode, type, name }: Resource) => resourceKey(path, mode, type, name);
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

/** Where the configuration has a resource. */
export function resourceKey(path: readonly Step[], mode: string, type: string, name: string): string {
  return `${configPath(path)} ${mode}.${type}.${name}`;
}

/** Those of all resources, also of the ones without an instance. */
export function resourceKeys({ configuration, instances }: ResourceIndex): string[] {
  const configured = [...configuration.modules].flatMap(([path, { resources }]) =>
    [...resources.keys()].map((key) => `${path} ${key}`),
  );
  return [...instances.keys(), ...configured];
}

interface Hop {
  readonly path: readonly Step[];
  readonly expression: unknown;
  /** What `each.value` is one of. */
  readonly forEach: unknown;
  readonly isVague: boolean;
  readonly isAlone: boolean;
  readonly isChosen: boolean;
  /** Whether `each.key` or `count.index` is an index on the way. */
  readonly isByOwnIndex: boolean;
}

/** The resources that an expression refers to. */
export function targetsOf(index: ResourceIndex, from: Resource, expression: unknown): readonly Target[] {
  return follow(index, from, expression).targets;
}

/** Follows an expression through the inputs and outputs of modules. Where that takes too long, nothing is known of it. */
export function follow(index: ResourceIndex, from: Referrer, expression: unknown): Reached {
  const { configuration, work } = index;
  const targets: Target[] = [];
  const open = new Set<string>();
  const unsaid = new Set<string>();
  const leaveOpen = (reference: string, path: readonly Step[]) =>
    open.add(`${reference}${path.length > 0 ? ` in ${moduleAddress(path)}` : ''}`);
  const tooLong = (): Reached => ({ targets: [], open: referencesIn(expression), unsaid: [] });
  const forEach = fieldIn(configured(configuration, from), 'for_each_expression');
  const { path: start } = from;
  const left: Hop[] = [
    { path: start, expression, forEach, isVague: false, isAlone: true, isChosen: true, isByOwnIndex: false },
  ];
  const seen = new Map<unknown, Set<string>>();
  for (let hop = left.pop(); hop; hop = left.pop()) {
    if (work.left < 0) return tooLong();
    // The same expression is another one in another instance of its module.
    const instance = JSON.stringify(hop.path);
    const instances = seen.get(hop.expression) ?? new Set();
    if (hop.expression === undefined || instances.has(instance)) continue;
    seen.set(hop.expression, instances.add(instance));
    const references = referencesIn(hop.expression);
    const onWay = {
      isVague: hop.isVague,
      isAlone: hop.isAlone && references.length === 1,
      isChosen: hop.isChosen && references.filter((each) => !CHOOSES.test(each)).length <= 1,
      isByOwnIndex: hop.isByOwnIndex || references.some((each) => /^(?:each\.key|count\.index)$/.test(each)),
    };
    work.left -= references.length;
    for (const reference of references) {
      const [first, second, ...more] = stepsOf(reference);
      if (!first || !second) continue;
      if (first.name === 'local') {
        leaveOpen(reference, hop.path);
      } else if (first.name === 'var') {
        if (!saysValue(configuration, hop.path, second.name)) unsaid.add(reference);
        const call = callOf(configuration, hop.path);
        left.push({
          ...{ ...onWay, path: hop.path.slice(0, -1) },
          expression: fieldIn(fieldIn(call, 'expressions'), second.name),
          forEach: fieldIn(call, 'for_each_expression'),
        });
      } else if (first.name === 'each' && second.name === 'value') {
        const isByOwnIndex = onWay.isByOwnIndex || isChained(hop.forEach);
        left.push({ ...hop, ...onWay, expression: hop.forEach, isAlone: false, isByOwnIndex });
      } else if (first.name === 'module') {
        const output = more[0]?.name;
        const path = [...hop.path, second];
        const isVague = hop.isVague || output === undefined;
        for (const each of outputExpressions(configuration, path, output)) {
          if (each === undefined) open.add(reference);
          left.push({ ...onWay, path, expression: each, forEach: undefined, isVague });
        }
      } else if (!NO_RESOURCE.test(first.name)) {
        const isData = first.name === 'data';
        const [type, name, attribute] = isData ? [second, more[0], more[1]] : [first, second, more[0]];
        if (!name) continue;
        const mode = isData ? 'data' : 'managed';
        const found = instancesOf(index, hop.path, mode, type.name, name, onWay.isByOwnIndex ? from : null);
        work.left -= found.length;
        const own = hop.isVague ? null : (attribute?.name ?? null);
        const isMissing = found.length === 0 && !mayHaveNone(index, { path: hop.path, mode, type: type.name, ...name });
        const unread = isData && isMissing ? unreadKey(hop.path, type.name, name) : [];
        if (isMissing && unread.length === 0) leaveOpen(reference, hop.path);
        for (const resource of [...found, ...unread]) targets.push({ resource, attribute: own, ...onWay });
      }
    }
  }
  return work.left < 0 ? tooLong() : { targets, open: [...open], unsaid: [...unsaid] };
}

/** What a reference may begin with, beside a resource. */
const NO_RESOURCE = /^(?:each|count|path|self|terraform)$/;

/** Whether a resource, or a module that it is in, may have no instances. */
function mayHaveNone({ configuration, work }: ResourceIndex, resource: Omit<Referrer, 'index'>): boolean {
  const { path } = resource;
  work.left -= path.length ** 2;
  const calls = path.map((_, position) => callOf(configuration, path.slice(0, position + 1)));
  return [configured(configuration, resource), ...calls].some(
    (each) => fieldIn(each, 'count_expression') !== undefined || fieldIn(each, 'for_each_expression') !== undefined,
  );
}

/** Whether instances are made of those of one other resource or module, so that they have its indexes. */
function isChained(forEach: unknown): boolean {
  const [source, ...others] = referencesIn(forEach);
  return source !== undefined && others.length === 0 && !/^(?:var|local|each)\./.test(source);
}

/** A data source of a key that the plan leaves out, as it is read only during the apply: it has no values yet. */
function unreadKey(path: readonly Step[], type: string, { name, index }: Step): Resource[] {
  if (type !== 'aws_kms_key' && type !== 'aws_kms_alias') return [];
  const address = [moduleAddress(path), `data.${type}.${name}`].filter((part) => part !== '').join('.');
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
  sameAs: Referrer | null,
): readonly Resource[] {
  const found = instances.get(resourceKey(path, mode, type, name));
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

function indexesOf(resource: Pick<Resource, 'path' | 'index'>): (string | number)[] {
  return [resource, ...resource.path].flatMap((each) => each.index ?? []);
}
