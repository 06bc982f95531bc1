import { isKnown, replaceUnknowns, textOf, unknownsIn } from '../../domain/template/unknown.ts';
import { evaluate, type Scope } from './evaluate.ts';
import type { WrittenResource, WrittenTemplate } from './shape.ts';
import { type Stack, scopeOf } from './stack.ts';
import type { World } from './worlds.ts';

/** Reads the properties of a resource as its template writes them. */
export interface AsWritten {
  /** The property with each name in it as an unknown value, and whatever no text can write as one of its own. */
  property(name: string): unknown;
  /** What the template may write for such a text, or for one that is evaluated: a text, or an expression. null: nothing. */
  expression(text: string): unknown;
}

export function asWritten(stack: Stack, world: World, { id, properties }: WrittenResource): AsWritten {
  const expressions = new Map<string, object>();
  const real = scopeOf(stack, world);
  const named = (written: string, value: unknown) =>
    typeof value === 'string' ? textOf({ written, settledBy: '' }) : value;
  const scope: Scope = {
    condition: real.condition,
    ref: (name) => named(name, real.ref(name)),
    attribute: (resource, name) => named(`${resource}.${name}`, real.attribute(resource, name)),
    kept(expression, value) {
      const name = `Value${expressions.size + 1}`;
      if (typeof value === 'string') expressions.set(name, expression);
      return named(name, value);
    },
  };
  return {
    property: (name) => evaluate(properties[name], `Resources.${id}.Properties.${name}`, scope),
    expression: (text) => expressionOf(text, expressions, stack.template),
  };
}

function expressionOf(text: string, expressions: ReadonlyMap<string, object>, template: WrittenTemplate): unknown {
  if (isKnown(text)) return text;
  const unknowns = unknownsIn(text);
  if (!unknowns.every(({ written }) => expressions.has(written) || isNameIn(template, written))) return null;
  const [first] = unknowns;
  if (first && text === textOf(first)) return expressions.get(first.written) ?? referenceTo(first.written);
  const variables = unknowns.flatMap(({ written }) => {
    const expression = expressions.get(written);
    return expression ? [[written, expression] as const] : [];
  });
  const whole = replaceUnknowns(text.replaceAll('${', '${!'), ({ written }) => `\${${written}}`);
  return { 'Fn::Sub': variables.length === 0 ? whole : [whole, Object.fromEntries(variables)] };
}

/** Whether `Fn::Sub` can replace a name, such as `AWS::Region` or `Key.Arn`. */
export function isNameIn({ parameters, resources }: WrittenTemplate, written: string): boolean {
  const [first = ''] = written.split('.');
  return /^AWS::\w+$/.test(written) || Object.hasOwn(parameters, first) || resources.has(first);
}

function referenceTo(written: string): object {
  const [resource, ...attribute] = written.startsWith('AWS::') ? [written] : written.split('.');
  return attribute.length === 0 ? { Ref: resource } : { 'Fn::GetAtt': [resource, attribute.join('.')] };
}
