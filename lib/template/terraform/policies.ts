import type { DeclaredPolicy } from '../../domain/template/model.ts';
import { configured, constantIn, expressionOf, listed, referencesIn } from './configuration.ts';
import { fieldIn, objectIn, textIn } from './json.ts';
import { deferredDocument, settledByPlan } from './policy-document.ts';
import { type ResourceIndex, targetsOf } from './references.ts';
import { isSensitive, isUnknown, type Resource } from './resources.ts';

/** The resources `aws_kms_key_policy`. */
export interface PolicyResources {
  /** By the key whose policy they set. */
  readonly byKey: ReadonlyMap<Resource, Resource>;
  /** One of which the plan does not say whose policy it sets: it may be that of any key. */
  readonly unpaired: Resource | undefined;
}

/** @param keyOf the key of a policy; undefined: none of this plan; null: the plan does not say which */
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
  return unknownPolicy(`the plan does not say which key ${address} belongs to`, `key_id of ${address}`);
}

/** @param separate the resource that sets it in the place of the key's own attribute */
function ownPolicy(index: ResourceIndex, key: Resource, separate: Resource | undefined): DeclaredPolicy {
  const owner = separate ?? key;
  const expression = expressionOf(index.configuration, owner, 'policy');
  if (isSensitive(owner, 'policy')) {
    return unknownPolicy('the plan says that the policy is sensitive', 'review it where it is written');
  }
  const text = textIn(owner.values, 'policy') ?? constantIn(expression);
  if (text !== undefined) return { kind: 'DOCUMENT', text };
  if (expression === undefined) {
    return isUnknown(owner, 'policy', false) && !configured(index.configuration, owner)
      ? unknownPolicy('the plan has no configuration of the key', 'the whole output of terraform show -json')
      : { kind: 'DEFAULT' };
  }
  return documentOf(index, owner, expression) ?? unknownFrom(index, owner, expression);
}

/** What may choose a policy, as in `coalesce(var.policy, data.aws_iam_policy_document.key.json)`, without being a part of it. */
const CHOOSES = /^(?:var|each|count)\./;

/** The document of the only data source that the policy comes from. */
function documentOf(index: ResourceIndex, owner: Resource, expression: unknown): DeclaredPolicy | undefined {
  const [target, ...others] = targetsOf(index, owner, expression);
  if (!target || others.length > 0 || target.resource.type !== 'aws_iam_policy_document') return undefined;
  if (!target.isAlone && referencesIn(expression).filter((each) => !CHOOSES.test(each)).length !== 1) return undefined;
  const { resource } = target;
  if (isSensitive(resource, 'json')) return undefined;
  const text =
    textIn(resource.values, 'json') ??
    deferredDocument(resource, objectIn(configured(index.configuration, resource), 'expressions'));
  return text === undefined ? undefined : { kind: 'DOCUMENT', text };
}

function unknownFrom(index: ResourceIndex, owner: Resource, expression: unknown): DeclaredPolicy {
  const references = referencesIn(expression);
  const unknown = references.filter((reference) => !isKnownReference(index, owner, reference));
  const what = listed(unknown.length > 0 ? unknown : references) || 'what the configuration does not say';
  return unknownPolicy(`it is known only after apply, since it depends on ${what}`, settledByPlan(what));
}

/** Whether the plan has the value of a reference. */
export function isKnownReference(index: ResourceIndex, from: Resource, reference: string): boolean {
  if (/^(?:each|count|path|terraform)\./.test(reference)) return true;
  const targets = targetsOf(index, from, { references: [reference] });
  // An input of a module that comes from no resource is a constant or a variable, which every plan knows.
  if (targets.length === 0) return reference.startsWith('var.');
  return targets.every(
    ({ resource, attribute }) => attribute !== null && fieldIn(resource.values, attribute) !== undefined,
  );
}

function unknownPolicy(because: string, settledBy: string): DeclaredPolicy {
  return { kind: 'UNKNOWN', because, settledBy: [settledBy] };
}
