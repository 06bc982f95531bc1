import { parseArn } from '../../domain/arn.ts';
import { partitionOfRegion } from '../../domain/partition.ts';
import type { DeclaredKey, FoundState } from '../../domain/template/model.ts';
import { expressionOf } from './configuration.ts';
import { fieldIn, textIn } from './json.ts';
import { foundStates, managedKeys } from './managed-keys.ts';
import type { Place } from './places.ts';
import { policyOf, policyResources } from './policies.ts';
import { policyPlace } from './policy-place.ts';
import { follow, type ResourceIndex } from './references.ts';
import { isSensitive, type Resource, shownAttribute } from './resources.ts';

export const KEY_TYPES: readonly string[] = [
  'aws_kms_key',
  'aws_kms_replica_key',
  'aws_kms_external_key',
  'aws_kms_replica_external_key',
];

/** The keys of a file, and how they are named in it. */
export interface Keys {
  readonly byAddress: ReadonlyMap<string, DeclaredKey>;
  /**
   * By an ARN or an id of a key, or by the ARN or the name of an alias. It may be a key that the plan deletes. A key outside the plan
   * whose policy the plan sets is found by its ARN, and has the address of the `aws_kms_key_policy`.
   */
  named(text: string): DeclaredKey | undefined;
  /** What an alias resource stands for; undefined: none of these keys. */
  underAlias(alias: Resource): DeclaredKey | undefined;
  /** What data sources find the keys of AWS by, by the ARNs of those. */
  readonly managed: ReadonlyMap<string, string>;
  /** What the plan says of keys outside of it, by their ARNs. */
  readonly found: ReadonlyMap<string, FoundState>;
}

export function keysOf(
  index: ResourceIndex,
  { resources, deleted }: { readonly resources: readonly Resource[]; readonly deleted: readonly Resource[] },
  placeOf: (resource: Resource) => Place,
  file: string,
): Keys {
  const keyResources = resources.filter(isKey);
  const deletedKeys = deleted.filter(isKey);
  const names = new Map<string, Resource>();
  for (const each of [...deletedKeys, ...keyResources]) {
    for (const name of ['arn', 'key_id', 'id']) {
      const value = textIn(each.values, name);
      if (value !== undefined) names.set(value, each);
    }
  }
  const aliased = new Map<Resource, Resource | undefined | null>();
  /** undefined: none of these keys; null: the plan does not say which. */
  const keyUnder = (resource: Resource, attribute: string): Resource | undefined | null => {
    const value = textIn(resource.values, attribute);
    if (value !== undefined) return names.get(value);
    const { targets, open } = follow(index, resource, expressionOf(index.configuration, resource, attribute));
    const keys = targets.map((target) => (isKey(target.resource) ? target.resource : aliased.get(target.resource)));
    const [key, ...others] = new Set(keys.filter((each) => each !== undefined));
    if (key === null || others.length > 0 || open.length > 0) return null;
    return key ?? (targets.length === 0 && index.configuration.modules.size > 0 ? null : undefined);
  };
  const aliases = resources.filter(({ mode, type }) => mode === 'managed' && type === 'aws_kms_alias');
  for (const alias of aliases) aliased.set(alias, keyUnder(alias, 'target_key_id'));
  const aliasNames = new Map<string, Resource>();
  for (const alias of aliases) {
    const key = aliased.get(alias);
    for (const name of ['name', 'arn']) {
      const value = textIn(alias.values, name);
      if (value !== undefined && key) aliasNames.set(value, key);
    }
  }
  /** By the ARNs of keys that lie outside the plan: what sets their policies, and stands for them. */
  const outside = new Map<string, Resource>();
  const policies = policyResources(resources, (policy) => {
    const key = keyUnder(policy, 'key_id');
    const arn = key === undefined ? keyArnOf(policy, placeOf(policy)) : undefined;
    if (arn === undefined) return key;
    outside.set(arn, policy);
    return policy;
  });
  const declare = (each: Resource): DeclaredKey => ({
    ...declaredKey(each, placeOf(each), file),
    policy: policyOf(index, each, policies),
    policyPlace: policyPlace(index, each, policies.byKey.get(each)),
    lacksMaterial: lacksMaterial(each, index),
  });
  const byAddress = new Map(keyResources.map((each) => [each.address, declare(each)]));
  const beside = new Map<Resource, DeclaredKey>();
  for (const each of deletedKeys) beside.set(each, { ...declare(each), isDeleted: true });
  for (const [arn, each] of outside)
    beside.set(each, { ...declare(each), arn: isSensitive(each, 'key_id') ? null : arn });
  const declared = (key: Resource | undefined) => key && (beside.get(key) ?? byAddress.get(key.address));
  return {
    byAddress,
    named: (text) =>
      declared(names.get(text) ?? aliasNames.get(text) ?? byAliasArn(text, aliasNames, placeOf) ?? outside.get(text)),
    underAlias: (alias) => declared(aliased.get(alias) ?? undefined),
    managed: managedKeys(resources, index),
    found: foundStates(resources),
  };
}

function isKey({ mode, type }: Resource): boolean {
  return mode === 'managed' && KEY_TYPES.includes(type);
}

/** The ARN of the key whose policy a resource sets; undefined: not known. */
function keyArnOf(policy: Resource, { region, account }: Place): string | undefined {
  const key = textIn(policy.values, 'key_id');
  if (key === undefined || key.startsWith('arn:')) return key;
  if (region === null || account === null) return undefined;
  return `arn:${partitionOfRegion(region)?.name ?? 'aws'}:kms:${region}:${account}:key/${key}`;
}

/** The ARN of an alias is not known before it is created, but may be written out. */
function byAliasArn(
  text: string,
  aliasNames: ReadonlyMap<string, Resource>,
  placeOf: (resource: Resource) => Place,
): Resource | undefined {
  const arn = parseArn(text);
  const key = arn?.service === 'kms' ? aliasNames.get(arn.resource) : undefined;
  const { region = null, account = null } = key ? placeOf(key) : {};
  return (region ?? arn?.region) === arn?.region && (account ?? arn?.account) === arn?.account ? key : undefined;
}

function declaredKey(
  key: Resource,
  { region }: Place,
  file: string,
): Omit<DeclaredKey, 'policy' | 'policyPlace' | 'lacksMaterial'> {
  const { values, address } = key;
  const enabled = fieldIn(values, 'is_enabled') ?? fieldIn(values, 'enabled');
  return {
    file,
    line: null,
    id: address,
    arn: shownAttribute(key, 'arn') ?? null,
    region,
    spec: shownAttribute(key, 'customer_master_key_spec') ?? null,
    usage: shownAttribute(key, 'key_usage') ?? null,
    enabled: typeof enabled === 'boolean' ? enabled : null,
  };
}

/** Of a key that exists, its state says whether the material was imported. */
function lacksMaterial(key: Resource, { configuration }: ResourceIndex): boolean {
  if (!/^aws_kms_(?:replica_)?external_key$/.test(key.type)) return false;
  const state = textIn(key.values, 'key_state');
  if (state !== undefined) return state === 'PendingImport';
  const material = 'key_material_base64';
  return textIn(key.values, material) === undefined && expressionOf(configuration, key, material) === undefined;
}
