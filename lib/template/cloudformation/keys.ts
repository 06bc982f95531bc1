import { inLogGroup } from '../../domain/template/in-log-group.ts';
import type { KeyReference } from '../../domain/template/model.ts';
import {
  isKnown,
  knownParts,
  ONE_UNKNOWN,
  shownText,
  textOf,
  UNKNOWN_ACCOUNT,
  UNKNOWN_REGION,
  type UnknownValue,
  unknownsIn,
  wholeUnknown,
} from '../../domain/template/unknown.ts';
import { declaredKey, isKey } from './declared-key.ts';
import { UNDIVIDED, UNKNOWN_FUNCTION } from './evaluate.ts';
import { A_KEY, AN_ALIAS_NAME, ANOTHER_ARN, mayBeKeyArn, ONE_PART } from './key-arn.ts';
import { wrongText } from './key-text.ts';
import type { WrittenResource } from './shape.ts';
import { isThere, nameIn, PROCESSED, type Stack, textOfProperty } from './stack.ts';
import type { World } from './worlds.ts';

/** All stacks of one deployment: a key may be declared in another one than the log group. */
export interface Keys {
  /** The resource that a text stands for by an attribute or an id; the attribute is empty for the id. */
  named(
    written: string,
  ): { readonly stack: Stack; readonly resource: WrittenResource; readonly attribute: string } | undefined;
}

/** Why a log group has no key, and what gives one. */
export type WhyNone = Omit<Extract<KeyReference, { kind: 'NONE' }>, 'kind'>;

export function keysOf(stacks: readonly Stack[]): Keys {
  const resources = new Map<string, { readonly stack: Stack; readonly resource: WrittenResource }>();
  for (const stack of stacks) {
    for (const resource of stack.template.resources.values()) {
      resources.set(nameIn(stack, resource.id), { stack, resource });
    }
  }
  return {
    named(written) {
      const dot = written.indexOf('.', written.lastIndexOf('/') + 1);
      const found = resources.get(dot < 0 ? written : written.slice(0, dot));
      return found && { ...found, attribute: dot < 0 ? '' : written.slice(dot + 1) };
    },
  };
}

/** How a log group names its key. @param text its `KmsKeyId`; undefined: it has none */
export function keyReference(
  text: string | undefined,
  stack: Stack,
  world: World,
  keys: Keys,
  why: WhyNone | null,
): KeyReference {
  if (text === undefined) return { kind: 'NONE', ...why };
  const unknowns = unknownsIn(text);
  const [first] = unknowns;
  const rest = knownParts(text).join('');
  const isWhole = unknowns.length === 1 && rest === '';
  const wrong = wrongText(text, rest, stack);
  if (wrong) return wrong;
  const named = unknowns.flatMap(({ written }) => keys.named(written) ?? []);
  const mayBeArn = mayBeKeyArn(text, (value) => exampleOf(value, keys));
  const ofKms = isWhole ? undefined : named.find(isOfKms);
  if (ofKms && !isThere(ofKms.stack, world, ofKms.resource)) return notThere(ofKms, world);
  if (ofKms && !mayBeArn) return notAnArn({ what: shownText(text) }, ofKms, stack, world, keys);
  // `arn:…:key/${Key}`, and `arn:…:${Alias}`.
  const arnOf = ofKms && ['', 'KeyId'].includes(ofKms.attribute) ? ofKms : undefined;
  const [region] = placeIn(text);
  if (arnOf && region !== undefined && isKnown(region) && region !== (stack.place.region ?? region))
    return outside(text);
  if (arnOf && text.startsWith('arn:')) return declaredBy(arnOf, world, keys) ?? outside(text);
  const found = isWhole ? named[0] : undefined;
  if (found && isOfKms(found)) {
    const { resource, attribute } = found;
    if (!isThere(found.stack, world, resource)) return notThere(found, world);
    if (isKey(resource) && attribute === 'Arn')
      return { kind: 'DECLARED', key: declaredKey(found.stack, resource, world) };
    return notAnArn(wrongAttribute(found, first?.written ?? ''), found, stack, world, keys);
  }
  if (found && isNoKey(found)) {
    const why = `${found.resource.id} is not a KMS key`;
    return { kind: 'NOT_AN_ARN', what: first?.written ?? '', why, key: null };
  }
  if (isWhole && first && UNSEEN.includes(first.settledBy)) {
    const because = `what ${first.written} is cannot be seen in these files`;
    return { kind: 'UNDETERMINED', because, settledBy: [first.settledBy] };
  }
  const alias = aliasNamed(text, stack, world);
  if (alias) {
    return text.startsWith('arn:')
      ? (declaredBy({ stack, resource: alias, attribute: '' }, world, keys) ?? outside(text))
      : notAnArn({ what: `the alias ${text}` }, { stack, resource: alias, attribute: '' }, stack, world, keys);
  }
  if (first && mayBeArn) return outside(text);
  const meant = keys.named(`${stack.prefix}${text}`);
  if (meant && isOfKms(meant))
    return notAnArn(
      { what: `the text ${text}`, why: 'without Fn::GetAtt it refers to nothing' },
      meant,
      stack,
      world,
      keys,
    );
  if (mayBeArn) return { kind: 'OUTSIDE', arn: text, from: text };
  return { kind: 'NOT_AN_ARN', what: text === '' ? 'an empty text' : shownText(text), key: null };
}

/** What may be a key or none. */
const UNSEEN = [PROCESSED, UNKNOWN_FUNCTION];

/** Resources whose values are those that somebody gives them. */
const GIVEN = /^AWS::(CloudFormation::(Stack|CustomResource)|Serverless::Application|SSM::Parameter)$/;

function isOfKms({ resource }: Found): boolean {
  return isKey(resource) || resource.type === 'AWS::KMS::Alias';
}

/** Whether the id or the ARN of a resource is certainly not that of a key. */
function isNoKey({ resource: { type }, attribute }: Found): boolean {
  return type.startsWith('AWS::') && !type.endsWith('::MODULE') && !GIVEN.test(type) && ['', 'Arn'].includes(attribute);
}

/** What has the separators of a value, whatever it is; null: it may be anything. */
function exampleOf({ written }: UnknownValue, keys: Keys): string | null {
  if (UNDIVIDED.test(written)) return ONE_PART;
  const found = keys.named(written);
  if (!found) return null;
  const { resource, attribute } = found;
  if (isKey(resource)) return attribute === 'Arn' ? A_KEY : ONE_PART;
  if (isOfKms(found)) return AN_ALIAS_NAME;
  return isNoKey(found) && attribute === 'Arn' ? ANOTHER_ARN : null;
}

function outside(text: string): KeyReference {
  const unknown = wholeUnknown(text);
  if (!unknown) return { kind: 'OUTSIDE', arn: null, from: shownText(text) };
  const { written, settledBy } = unknown;
  const isParameter = settledBy.startsWith('--parameter') && !written.startsWith('Fn::');
  return { kind: 'OUTSIDE', arn: null, from: isParameter ? `the parameter ${written}` : written };
}

type Found = NonNullable<ReturnType<Keys['named']>>;

/** CloudFormation refuses a reference to a resource whose condition does not hold. */
function notThere({ stack, resource: { id, condition } }: Found, world: World): KeyReference {
  const nested = stack.isThere?.(world) === false ? `the nested stack ${stack.prefix.slice(0, -1)}` : null;
  const reason = nested === null ? `its condition ${condition} does not hold` : `${nested} is not there`;
  return {
    kind: 'NOT_AN_ARN',
    what: id,
    why: `${id} is not there, since ${reason}`,
    key: null,
    instead: inLogGroup(`KmsKeyId with the ARN of a key that is there without ${nested ?? condition}`),
  };
}

/** What is wrong with a reference to a key or an alias. */
type Wrong = Pick<Extract<KeyReference, { kind: 'NOT_AN_ARN' }>, 'what' | 'why'>;

/** @param written as `nameIn` has it: with a dot at its end, where `Fn::GetAtt` has no attribute */
function wrongAttribute({ resource, attribute }: Found, written: string): Wrong {
  const { id, type } = resource;
  if (written.endsWith('.')) return { what: `Fn::GetAtt of ${id}`, why: 'the attribute is missing' };
  if (!isKey(resource) && attribute === '') return { what: `the alias ${id}` };
  if (isKey(resource) && ['', 'KeyId'].includes(attribute)) return { what: `the id of ${id}` };
  return { what: written, why: `${type} has no attribute ${attribute}` };
}

function notAnArn(wrong: Wrong, found: Found, stack: Stack, world: World, keys: Keys): KeyReference {
  const declared = keyBehind(found, world, keys);
  const key = declared ? declaredKey(declared.stack, declared.resource, world) : null;
  if (!key || declared?.stack === stack) return { kind: 'NOT_AN_ARN', ...wrong, key };
  // No template can refer to a resource of another one.
  const instead = inLogGroup(
    `the ARN of ${key.id}, which is in ${key.file}: a parameter or an output has to pass it, not its id`,
  );
  return { kind: 'NOT_AN_ARN', ...wrong, key, instead };
}

/** The key itself, or the one that an alias stands for; undefined: it is none of these files. */
function keyBehind(found: Found, world: World, keys: Keys): Found | undefined {
  if (isKey(found.resource)) return found;
  const target = textOfProperty(found.stack, world, found.resource, 'TargetKeyId');
  const [unknown] = target === undefined ? [] : unknownsIn(target);
  const key = unknown && keys.named(unknown.written);
  return key && isKey(key.resource) ? key : undefined;
}

function declaredBy(found: Found, world: World, keys: Keys): KeyReference | undefined {
  const key = keyBehind(found, world, keys);
  return key && { kind: 'DECLARED', key: declaredKey(key.stack, key.resource, world) };
}

/** The declared alias that a text names, or the ARN of which it is. */
function aliasNamed(text: string, stack: Stack, world: World): WrittenResource | undefined {
  const [, name] = /(?:^|:)(alias\/.+)$/.exec(text) ?? [];
  const alias = name === undefined ? undefined : aliasesIn(stack, world).get(name);
  return alias && !isElsewhere(text, stack, world) ? alias : undefined;
}

/** Whether an ARN is of another Region or account than the stack. @throws Fork where that is not known */
function isElsewhere(text: string, { place }: Stack, world: World): boolean {
  const [region, account] = placeIn(text);
  if (region === undefined || account === undefined) return false;
  const differ = (own: string, other: string) =>
    own !== other && (other === '' || (isKnown(own) && isKnown(other)) || !world.mayEqual(own, other));
  return (
    differ(place.region ?? textOf(UNKNOWN_REGION), region) || differ(place.account ?? textOf(UNKNOWN_ACCOUNT), account)
  );
}

/** A part of an ARN that may not be known: colons inside of an unknown value separate nothing. */
const PART = `((?:${ONE_UNKNOWN}|[^:\uE000])*)`;
const PLACE = new RegExp(`^arn:${PART}:${PART}:${PART}:${PART}:`);

/** The Region and the account in an ARN; none: the text is no ARN. */
function placeIn(text: string): string[] {
  return PLACE.exec(text)?.slice(3) ?? [];
}

function aliasesIn(stack: Stack, world: World): ReadonlyMap<unknown, WrittenResource> {
  const memo = `${stack.prefix}\naliases`;
  const known = world.known.get(memo);
  if (known) return known as ReadonlyMap<unknown, WrittenResource>;
  const all = [...stack.template.resources.values()].filter(
    (resource) => resource.type === 'AWS::KMS::Alias' && isThere(stack, world, resource),
  );
  const aliases = new Map(all.map((alias) => [textOfProperty(stack, world, alias, 'AliasName'), alias]));
  world.known.set(memo, aliases);
  return aliases;
}
