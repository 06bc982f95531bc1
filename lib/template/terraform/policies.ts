import type { Fields } from '../../domain/template/fields.ts';
import type { DeclaredPolicy } from '../../domain/template/model.ts';
import { configured, constantIn, expressionOf, referencesBelow, referencesIn, variableValue } from './configuration.ts';
import { fieldIn, textIn } from './json.ts';
import { mergedDocument } from './merged-document.ts';
import { follow, type Reached, type ResourceIndex } from './references.ts';
import { isSensitive, isUnknown, type Resource } from './resources.ts';
import { endsOf, isKnownTarget, settledBy, sourceOf } from './sources.ts';

/** The resources `aws_kms_key_policy`. */
export interface PolicyResources {
  /** By the key whose policy they set. */
  readonly byKey: ReadonlyMap<Resource, Resource>;
  /** One of which the plan does not say whose policy it sets: it may be that of any key. */
  readonly unpaired: Resource | undefined;
}

/** @param keyOf the key of a policy, or what stands for it; undefined: none; null: the plan does not say which */
export function policyResources(
  resources: readonly Resource[],
  keyOf: (policy: Resource) => Resource | undefined | null,
): PolicyResources {
  const all = resources.filter(({ mode, type }) => mode === 'managed' && type === 'aws_kms_key_policy');
  const keys = all.map((policy) => [keyOf(policy), policy] as const);
  return {
    byKey: new Map(keys.flatMap(([key, policy]) => (key ? [[key, policy] as const] : []))),
    unpaired: keys.find(([key]) => key === null)?.[1],
  };
}

/** The policy that a key will have. */
export function policyOf(index: ResourceIndex, key: Resource, { byKey, unpaired }: PolicyResources): DeclaredPolicy {
  const separate = byKey.get(key);
  const policy = ownPolicy(index, key, separate);
  if (separate || !unpaired || policy.kind !== 'DEFAULT') return policy;
  const { address } = unpaired;
  return unknownPolicy(
    `the plan does not say which key ${address} belongs to`,
    `write in ${address} which key it is, such as key_id = ${key.type}.${key.name}.key_id`,
  );
}

/** @param separate the resource that sets it in the place of the key's own attribute */
function ownPolicy(index: ResourceIndex, key: Resource, separate: Resource | undefined): DeclaredPolicy {
  const owner = separate ?? key;
  const expression = expressionOf(index.configuration, owner, 'policy');
  if (isSensitive(owner, 'policy')) {
    return unknownPolicy(
      'the plan says that the policy is sensitive',
      'logseal policy check evaluates the policy in a file of its own',
    );
  }
  const text = textIn(owner.values, 'policy') ?? constantIn(expression);
  if (text !== undefined) return { kind: 'DOCUMENT', text };
  if (!isUnknown(owner, 'policy', expression !== undefined)) return { kind: 'DEFAULT' };
  if (expression === undefined) {
    return configured(index.configuration, owner) ? { kind: 'DEFAULT' } : unknownPolicy(NO_CONFIGURATION, WHOLE_OUTPUT);
  }
  const reached = follow(index, owner, expression);
  return (
    documentOf(index, owner, expression, reached) ??
    (isNone(owner, expression, reached) ? { kind: 'DEFAULT' } : unknownFrom(index, owner, expression, reached))
  );
}

const NO_CONFIGURATION = 'the plan has no configuration of the key';
export const WHOLE_OUTPUT = 'check the whole output of terraform show -json tfplan, with its configuration';

/** The document of the only data source that the policy comes from. */
function documentOf(
  index: ResourceIndex,
  owner: Resource,
  expression: Fields,
  { targets, open }: Reached,
): DeclaredPolicy | undefined {
  const [target, ...others] = targets;
  if (!target?.isChosen || others.length > 0 || open.length > 0) return undefined;
  const { resource, isAlone } = target;
  if (resource.type !== 'aws_iam_policy_document' || isSensitive(resource, 'json')) return undefined;
  const json = textIn(resource.values, 'json');
  // Beside a variable, one that is known would make the policy known.
  if (json !== undefined) return isAlone ? { kind: 'DOCUMENT', text: json } : undefined;
  // A switch may choose none. One that also decides whether the data source is there has chosen it.
  if (resource.index === undefined && isSwitched(index, owner, expression)) return undefined;
  const text = mergedDocument(index, resource);
  return text === undefined ? undefined : { kind: 'DOCUMENT', text };
}

function isSwitched({ configuration }: ResourceIndex, { path }: Resource, expression: Fields): boolean {
  const variables = referencesIn(expression).flatMap((each) => /^var\.([\w-]+)$/.exec(each)?.[1] ?? []);
  return variables.some((name) => typeof variableValue(configuration, path, name) === 'boolean');
}

/**
 * Whether the attribute is null, or empty. It is if it is not known although all that it comes from is: Terraform then leaves the
 * policy to KMS.
 */
function isNone({ type }: Resource, expression: Fields, { targets, open, unsaid }: Reached): boolean {
  if (!KEYS_OWN.test(type)) return false;
  const constant = fieldIn(expression, 'constant_value');
  if (constant === null || constant === '') return true;
  return (
    referencesIn(expression).length > 0 &&
    open.length + unsaid.length === 0 &&
    targets.every((each) => isKnownTarget(each))
  );
}

/** An `aws_kms_key_policy` always has a policy. */
const KEYS_OWN = /_key$/;

function unknownFrom(index: ResourceIndex, owner: Resource, expression: Fields, reached: Reached): DeclaredPolicy {
  const references = referencesIn(expression);
  if (references.length === 0) {
    return unknownPolicy('the configuration does not say what it is made of', WHOLE_OUTPUT);
  }
  const unknown = references.filter((reference) => !isKnownReference(index, owner, reference));
  const [from = references] = [unknown, reached.unsaid].filter((some) => some.length > 0);
  const ends = [...endsOf(from, reached), ...endsOfDocuments(index, reached)];
  return unknownPolicy(
    `it is known only after apply, since it depends on ${sourceOf(from, ends)}`,
    settledBy(from, ends),
  );
}

/** What keeps documents from being known. */
function endsOfDocuments(index: ResourceIndex, { targets }: Reached): string[] {
  const documents = targets.filter((each) => each.resource.type === 'aws_iam_policy_document' && !isKnownTarget(each));
  return documents.flatMap(({ resource }) =>
    referencesBelow(configured(index.configuration, resource)).filter(
      (reference) => !isKnownReference(index, resource, reference),
    ),
  );
}

/** Whether the plan has the value of a reference. */
function isKnownReference(index: ResourceIndex, from: Resource, reference: string): boolean {
  const { targets, open } = follow(index, from, { references: [reference] });
  // What comes from no resource is a constant or a variable, which every plan knows.
  return open.length === 0 && targets.every((each) => isKnownTarget(each));
}

function unknownPolicy(because: string, settled: string): DeclaredPolicy {
  return { kind: 'UNKNOWN', because, settledBy: [settled] };
}
