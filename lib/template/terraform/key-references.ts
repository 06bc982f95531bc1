import { parseArn } from '../../domain/arn.ts';
import type { DeclaredKey, KeyReference } from '../../domain/template/model.ts';
import { moduleAddress, partsOf, stepText } from './addresses.ts';
import { constantIn, expressionOf, referencesIn } from './configuration.ts';
import { textIn } from './json.ts';
import { KEY_TYPES, type Keys } from './keys.ts';
import { findsKey, managedAs, nameAttributeOf } from './managed-keys.ts';
import { WHOLE_OUTPUT } from './policies.ts';
import { KEY_ATTRIBUTE as ATTRIBUTE, reach } from './reach.ts';
import { follow, type ResourceIndex, type Target, targetsOf } from './references.ts';
import { isSensitive, isUnknown, type Resource } from './resources.ts';
import { endsOf, isKnownTarget, listed, settledBy, sourceOf } from './sources.ts';

/** Choice. Each is evaluated. */
const MAX_ALTERNATIVES = 10;

/** How a log group of Terraform names its key: by a value, or by a reference whose value is known only after apply. */
export function keyReferenceOf(group: Resource, index: ResourceIndex, keys: Keys): KeyReference {
  const expression = expressionOf(index.configuration, group, ATTRIBUTE);
  const value = textIn(group.values, ATTRIBUTE);
  if (value !== undefined) return byValue(value, group, index, keys, expression);
  if (isUnknown(group, ATTRIBUTE, expression !== undefined)) return byReference(group, index, keys, expression);
  const [source] = referencesIn(expression);
  return source === undefined ? { kind: 'NONE' } : { kind: 'NONE', because: `${source} gives none` };
}

function byValue(value: string, group: Resource, index: ResourceIndex, keys: Keys, expression: unknown): KeyReference {
  const key = keys.named(value);
  const isHidden = isSensitive(group, ATTRIBUTE);
  const [source] = referencesIn(expression);
  const arn = parseArn(value);
  if (arn?.service === 'kms') {
    if (key) return { kind: 'DECLARED', key };
    const what = isHidden ? 'one that the plan says is sensitive' : value;
    const state = keys.found.get(value);
    const from = source === undefined ? what : `that of ${source}`;
    return { ...outside(isHidden ? null : value, from, keys.managed.get(value)), ...(state && { state }) };
  }
  const name = value.startsWith('alias/') ? 'the alias name' : 'the key id';
  const what = arn ? `${value}, which is not the ARN of a key` : `${name} ${value}`;
  return {
    kind: 'NOT_AN_ARN',
    what: isHidden ? 'a value that the plan says is sensitive' : what,
    key: key ?? null,
    ...insteadOf(targetsOf(index, group, expression), key ?? null, group, index),
  };
}

function byReference(group: Resource, index: ResourceIndex, keys: Keys, expression: unknown): KeyReference {
  const reached = follow(index, group, expression);
  const { targets, open } = reached;
  const named = targets.map((target) => ({ target, references: referencesTo(target, group, index, keys) }));
  const references = named.flatMap((each) => each.references);
  const alternatives = [...new Map(references.map((each) => [identityOf(each), each])).values()];
  const [reference] = alternatives;
  const all = referencesIn(expression);
  if (all.length === 0) {
    return {
      kind: 'UNDETERMINED',
      because: `${ATTRIBUTE} is known only after apply, and the plan does not say where it comes from`,
      settledBy: [WHOLE_OUTPUT],
    };
  }
  const ends = endsOf(all, reached);
  const settled = [settledBy(all, ends)];
  const isOpen = open.length > 0 || mayBeAnotherKey(named);
  if (reference && alternatives.length === 1 && !isOpen) return reference;
  if (reference && alternatives.length <= MAX_ALTERNATIVES && !isOpen) {
    const because = `the plan does not say what ${ATTRIBUTE} takes of ${listed(all)}`;
    return { kind: 'ONE_OF', alternatives, because, settledBy: settled };
  }
  return {
    kind: 'UNDETERMINED',
    because: `${ATTRIBUTE} is known only after apply, since it depends on ${sourceOf(all, ends)}`,
    settledBy: settled,
  };
}

/** Of an attribute that is known only after apply, and is of no key, nothing is known. What the plan has no instance of gives nothing. */
function mayBeAnotherKey(named: readonly { readonly target: Target; readonly references: readonly KeyReference[] }[]) {
  // Of the outputs of a module, if the plan does not say which one it is, those count that name a key.
  const isVagueKey = named.some(({ target, references }) => target.isVague && references.length > 0);
  return named.some(
    ({ target, references }) => references.length === 0 && !isKnownTarget(target) && !(target.isVague && isVagueKey),
  );
}

/** What makes two references the same answer. */
function identityOf(reference: KeyReference): string {
  const { kind } = reference;
  if (kind === 'NOT_AN_ARN') return `${kind} ${reference.key?.id ?? reference.what}`;
  return `${kind} ${kind === 'DECLARED' ? reference.key.id : kind === 'OUTSIDE' ? reference.from : ''}`;
}

/** What the log group may get from one resource; empty: nothing that names a key. The first one is the most likely. */
function referencesTo(target: Target, group: Resource, index: ResourceIndex, keys: Keys): KeyReference[] {
  const { resource, attribute } = target;
  const { mode, type, address } = resource;
  const isAlias = type === 'aws_kms_alias';
  if (mode === 'managed' && isAlias)
    return toKey(target, group, index, keys, ['arn', 'target_key_arn'], ['name', 'id', 'target_key_id']);
  if (mode === 'managed' && KEY_TYPES.includes(type))
    return toKey(target, group, index, keys, ['arn'], ['key_id', 'id']);
  if (!findsKey(resource)) return [];
  const byArn = namedByData(resource, index, keys);
  // The id of this data source is an ARN.
  if (attribute === 'arn' || attribute === 'target_key_arn' || (isAlias && attribute === 'id')) return [byArn];
  const bare: KeyReference = {
    kind: 'NOT_AN_ARN',
    what: `${attribute ?? 'an attribute'} of ${address}`,
    key: null,
    ...insteadOf([target], null, group, index),
  };
  return attribute !== null && target.isAlone ? [bare] : [byArn, bare];
}

/** Without its attribute, or with other values beside it, an id may be a part of an ARN that is written out. */
function toKey(
  target: Target,
  group: Resource,
  index: ResourceIndex,
  keys: Keys,
  arns: readonly string[],
  others: readonly string[],
): KeyReference[] {
  const { resource, attribute, isAlone } = target;
  const key = keys.byAddress.get(resource.address) ?? keys.underAlias(resource);
  if (!key) return [];
  if (attribute !== null && arns.includes(attribute)) return [{ kind: 'DECLARED', key }];
  if (attribute !== null && !others.includes(attribute)) return [];
  const bare: KeyReference = { kind: 'NOT_AN_ARN', what: `${attribute ?? 'an attribute'} of ${resource.address}`, key };
  return attribute !== null && isAlone
    ? [{ ...bare, ...insteadOf([target], key, group, index) }]
    : [{ kind: 'DECLARED', key }, bare];
}

/** A key that a data source finds may be one of these files. */
function namedByData(data: Resource, index: ResourceIndex, keys: Keys): KeyReference {
  const attribute = nameAttributeOf(data);
  const expression = expressionOf(index.configuration, data, attribute);
  const reached = follow(index, data, expression);
  const [target] = reached.targets;
  const name = textIn(data.values, attribute) ?? constantIn(expression);
  if (name === undefined && reached.open.length > 0) {
    const references = referencesIn(expression);
    const ends = endsOf(references, reached);
    return {
      kind: 'UNDETERMINED',
      because: `${data.address} finds it by ${sourceOf(references, ends)}`,
      settledBy: [settledBy(references, ends)],
    };
  }
  const key = target
    ? (keys.byAddress.get(target.resource.address) ?? keys.underAlias(target.resource))
    : name && keys.named(name);
  if (key) return { kind: 'DECLARED', key };
  return outside(null, `that of ${data.address}`, managedAs(data, index));
}

function outside(arn: string | null, from: string, managed: string | undefined): KeyReference {
  return { kind: 'OUTSIDE', arn, from, ...(managed !== undefined && { managedAs: managed }) };
}

/**
 * What to write in the place of an attribute that is no ARN. Only the module of a key or of a data source can refer to it, so it is that
 * module which changes, unless the log group can get the ARN in another way.
 * @param targets what the expression of the log group comes to @param key the one that it stands for, if it is one of the plan
 */
function insteadOf(
  targets: readonly Target[],
  key: DeclaredKey | null,
  group: Resource,
  index: ResourceIndex,
): { readonly instead?: string } {
  const target = key ? targets[0] : targets.find(({ resource }) => findsKey(resource));
  if (!target || (!key && managedAs(target.resource, index) !== undefined)) return {};
  const { resource, attribute } = target;
  const arn = ARN_OF[resource.type] ?? 'arn';
  const { attach, isReady } = reach(index, group.address, key?.id ?? resource.address, key ? 'arn' : arn);
  if (isReady || targets.length > 1 || attribute === null || attribute === arn) return key ? {} : { instead: attach };
  const { path, own } = partsOf(resource.address);
  const module = path.length === 0 ? 'the root module' : moduleAddress(path.map(({ name }) => ({ name })));
  const address = own.map(stepText).join('.');
  return { instead: `write in ${module}: ${address}.${arn} in the place of ${address}.${attribute}` };
}

/** The attribute that is the ARN of a key, where it is another one than `arn`. */
const ARN_OF: Readonly<Record<string, string>> = { aws_kms_alias: 'target_key_arn' };
