import { parseArn } from '../../domain/arn.ts';
import type { KeyReference } from '../../domain/template/model.ts';
import { expressionOf, listed, referencesIn } from './configuration.ts';
import { textIn } from './json.ts';
import { KEY_TYPES, type Keys } from './keys.ts';
import { isKnownReference } from './policies.ts';
import { settledByPlan } from './policy-document.ts';
import { type ResourceIndex, type Target, targetsOf } from './references.ts';
import { isSensitive, isUnknown, type Resource } from './resources.ts';

const ATTRIBUTE = 'kms_key_id';
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
    const what = isHidden ? 'a key that the plan says is sensitive' : `the key ${value}`;
    return { kind: 'OUTSIDE', arn: isHidden ? null : value, from: source === undefined ? what : `that of ${source}` };
  }
  const name = value.startsWith('alias/') ? 'the alias name' : 'the key id';
  const what = arn ? `${value}, which is not the ARN of a key` : `${name} ${value}`;
  return {
    kind: 'NOT_AN_ARN',
    what: isHidden ? 'a value that the plan says is sensitive' : what,
    key: key ?? null,
    ...insteadOf(targetsOf(index, group, expression)),
  };
}

function byReference(group: Resource, index: ResourceIndex, keys: Keys, expression: unknown): KeyReference {
  const references = targetsOf(index, group, expression).flatMap((target) => referencesTo(target, index, keys));
  const alternatives = [...new Map(references.map((each) => [identityOf(each), each])).values()];
  const [reference] = alternatives;
  const all = referencesIn(expression);
  const written = listed(all);
  const isOpen = all.some((each) => mayBeAnotherKey(each, group, index, keys));
  if (reference && alternatives.length === 1 && !isOpen) return reference;
  if (reference && alternatives.length <= MAX_ALTERNATIVES && !isOpen) {
    const because = `the plan does not say what ${ATTRIBUTE} takes of ${written}`;
    return { kind: 'ONE_OF', alternatives, because, settledBy: [settledByPlan(written)] };
  }
  if (written === '') {
    return {
      kind: 'UNDETERMINED',
      because: `${ATTRIBUTE} is known only after apply, and the plan does not say where it comes from`,
      settledBy: ['the whole output of terraform show -json, with its configuration'],
    };
  }
  return {
    kind: 'UNDETERMINED',
    because: `${ATTRIBUTE} is known only after apply, since it depends on ${written}`,
    settledBy: [settledByPlan(written)],
  };
}

/** Of a local value nothing is known, nor of an attribute that is known only after apply. What the plan has no instance of gives nothing. */
function mayBeAnotherKey(reference: string, group: Resource, index: ResourceIndex, keys: Keys): boolean {
  if (reference.startsWith('local.')) return true;
  const targets = targetsOf(index, group, { references: [reference] });
  const namesKey = targets.some((target) => referencesTo(target, index, keys).length > 0);
  return targets.length > 0 && !namesKey && !isKnownReference(index, group, reference);
}

/** What makes two references the same answer. */
function identityOf(reference: KeyReference): string {
  const { kind } = reference;
  if (kind === 'NOT_AN_ARN') return `${kind} ${reference.key?.id ?? reference.what}`;
  return `${kind} ${kind === 'DECLARED' ? reference.key.id : kind === 'OUTSIDE' ? reference.from : ''}`;
}

/** What the log group may get from one resource; empty: nothing that names a key. The first one is the most likely. */
function referencesTo(target: Target, index: ResourceIndex, keys: Keys): KeyReference[] {
  const { resource, attribute } = target;
  const { mode, type, address } = resource;
  const isAlias = type === 'aws_kms_alias';
  if (mode === 'managed' && isAlias)
    return toKey(target, keys, ['arn', 'target_key_arn'], ['name', 'id', 'target_key_id']);
  if (mode === 'managed' && KEY_TYPES.includes(type)) return toKey(target, keys, ['arn'], ['key_id', 'id']);
  if (mode !== 'data' || !(isAlias || type === 'aws_kms_key')) return [];
  const byArn = namedByData(resource, index, keys);
  // The id of this data source is an ARN.
  if (attribute === 'arn' || attribute === 'target_key_arn' || (isAlias && attribute === 'id')) return [byArn];
  const bare: KeyReference = {
    kind: 'NOT_AN_ARN',
    what: `${attribute ?? 'an attribute'} of ${address}`,
    key: null,
    ...insteadOf([target]),
  };
  return attribute !== null && target.isAlone ? [bare] : [byArn, bare];
}

/** Without its attribute, or with other values beside it, an id may be a part of an ARN that is written out. */
function toKey(
  { resource, attribute, isAlone }: Target,
  keys: Keys,
  arns: readonly string[],
  others: readonly string[],
): KeyReference[] {
  const key = keys.byAddress.get(resource.address) ?? keys.underAlias(resource);
  if (!key) return [];
  if (attribute !== null && arns.includes(attribute)) return [{ kind: 'DECLARED', key }];
  if (attribute !== null && !others.includes(attribute)) return [];
  const bare: KeyReference = { kind: 'NOT_AN_ARN', what: `${attribute ?? 'an attribute'} of ${resource.address}`, key };
  return attribute !== null && isAlone ? [bare] : [{ kind: 'DECLARED', key }, bare];
}

/** A key that a data source finds may be one of these files. */
function namedByData(data: Resource, index: ResourceIndex, keys: Keys): KeyReference {
  const attribute = data.type === 'aws_kms_key' ? 'key_id' : 'name';
  const targets = targetsOf(index, data, expressionOf(index.configuration, data, attribute));
  const [target] = targets;
  const name = textIn(data.values, attribute);
  const key = target
    ? (keys.byAddress.get(target.resource.address) ?? keys.underAlias(target.resource))
    : name && keys.named(name);
  return key ? { kind: 'DECLARED', key } : { kind: 'OUTSIDE', arn: null, from: `that of ${data.address}` };
}

/** The attribute of a data source that is an ARN. */
function insteadOf(targets: readonly Target[]): { readonly instead?: string } {
  const found = targets.find(({ resource: { mode, type } }) => mode === 'data' && /^aws_kms_(?:key|alias)$/.test(type));
  if (!found) return {};
  const attribute = found.resource.type === 'aws_kms_alias' ? 'target_key_arn' : 'arn';
  return { instead: `${ATTRIBUTE} = ${found.resource.address}.${attribute}` };
}
