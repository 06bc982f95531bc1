import type { DeclaredKey, DeclaredPolicy } from '../../domain/template/model.ts';
import { isKnown, shownText, unknownsIn } from '../../domain/template/unknown.ts';
import { isNameIn } from './as-written.ts';
import { constructOf } from './cdk.ts';
import type { WrittenResource } from './shape.ts';
import { isThere, propertyOf, type Stack, textOfProperty } from './stack.ts';
import type { World } from './worlds.ts';

const KEY_TYPES = ['AWS::KMS::Key', 'AWS::KMS::ReplicaKey'];

/** Whether a resource is a key of KMS. */
export function isKey({ type }: WrittenResource): boolean {
  return KEY_TYPES.includes(type);
}

/** Whether a resource has no properties at all. */
export function isBare({ fields }: WrittenResource): boolean {
  return !fields.includes('Properties');
}

/** A key as it would be in one world. The same one each time. */
export function declaredKey(stack: Stack, resource: WrittenResource, world: World): DeclaredKey {
  const memo = `${stack.prefix}\nkey ${resource.id}`;
  const known = world.known.get(memo);
  if (known) return known as DeclaredKey;
  const text = (name: string) => {
    const value = textOfProperty(stack, world, resource, name);
    return value === undefined || !isKnown(value) ? null : value;
  };
  const enabled = text('Enabled');
  const sourcePath = constructOf(resource);
  const key: DeclaredKey = {
    file: stack.template.file,
    line: resource.line,
    id: resource.id,
    isBare: isBare(resource),
    ...(sourcePath !== undefined && { sourcePath }),
    arn: null,
    region: null,
    policy: policyOf(stack, resource, world),
    spec: text('KeySpec'),
    usage: text('KeyUsage'),
    // CloudFormation reads YAML 1.1.
    enabled: enabled === null ? null : !/^(false|no|off)$/i.test(enabled),
    lacksMaterial: text('Origin') === 'EXTERNAL',
  };
  if (isThere(stack, world, resource)) world.known.set(memo, key);
  return key;
}

function policyOf(stack: Stack, resource: WrittenResource, world: World): DeclaredPolicy {
  const policy = propertyOf(stack, world, resource, 'KeyPolicy');
  if (policy === undefined) return { kind: 'DEFAULT' };
  if (typeof policy !== 'string') return documentOf(JSON.stringify(policy), resource, stack);
  const unknowns = unknownsIn(policy);
  if (unknowns.length === 0 || policy.startsWith('{')) return documentOf(policy, resource, stack);
  return {
    kind: 'UNKNOWN',
    because: `it is ${shownText(policy)}`,
    settledBy: [...new Set(unknowns.map(({ settledBy }) => settledBy))],
  };
}

function documentOf(text: string, { id }: WrittenResource, { template }: Stack): DeclaredPolicy {
  const variables = new Map([...text.matchAll(/\$\{([^{}]+)\}/g)].map(([variable, name = '']) => [variable, name]));
  const unrendered = [...variables].flatMap(([variable, name]) => {
    if (!isNameIn(template, name.trim())) return [];
    const sub = template.isJson ? '{ "Fn::Sub": "…" } around' : '!Sub before';
    const texts = `each text of the key policy of ${id} that contains ${variable}`;
    return { variable, fix: `write ${sub} ${texts}: only Fn::Sub replaces it` };
  });
  return { kind: 'DOCUMENT', text, ...(unrendered.length > 0 && { unrendered }) };
}
