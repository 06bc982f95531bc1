import { isFields } from '../../domain/template/fields.ts';
import type { KeyReference } from '../../domain/template/model.ts';
import type { WrittenResource } from './shape.ts';
import { type Stack, scopeOf } from './stack.ts';
import type { World } from './worlds.ts';

/** What a parameter is to be given, so that a log group gets the key that it names. */
export function passingFix(parameter: string, { prefix }: Stack): string {
  return prefix === ''
    ? `deploy with the ARN of a key as ${parameter}: --parameter ${parameter}=ARN checks it`
    : `write the ARN of a key as ${parameter} in the Parameters of ${prefix.slice(0, -1)}`;
}

/** A reference whose fix is to give the parameter another value, where the log group only has what is no ARN from there. */
export function passed(
  reference: KeyReference,
  { properties }: WrittenResource,
  stack: Stack,
  world: World,
): KeyReference {
  if (reference.kind !== 'NOT_AN_ARN' || reference.key || reference.instead !== undefined) return reference;
  const parameter = parameterIn(properties['KmsKeyId'], stack, world);
  if (parameter === undefined) return reference;
  const { why = `it is the value of the parameter ${parameter}` } = reference;
  return { ...reference, why, instead: passingFix(parameter, stack) };
}

/** The parameter that an expression refers to, by the branches of `Fn::If` that count; undefined: none. */
function parameterIn(expression: unknown, stack: Stack, world: World): string | undefined {
  if (!isFields(expression)) return undefined;
  const { Ref: name, 'Fn::If': choice } = expression;
  if (Array.isArray(choice)) {
    const [condition, yes, no] = choice as [string, unknown, unknown];
    return parameterIn(scopeOf(stack, world).condition(condition) ? yes : no, stack, world);
  }
  return typeof name === 'string' && Object.hasOwn(stack.template.parameters, name) ? name : undefined;
}
