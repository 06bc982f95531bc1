import { partitionNamed, partitionOfRegion } from '../../domain/partition.ts';
import { isFields } from '../../domain/template/fields.ts';
import {
  AFTER_DEPLOYMENT,
  textOf,
  UNKNOWN_ACCOUNT,
  UNKNOWN_REGION,
  type UnknownValue,
} from '../../domain/template/unknown.ts';
import { withoutDynamicReferences } from './dynamic-references.ts';
import { evaluate, NO_VALUE, type Scope } from './evaluate.ts';
import { expectedText } from './expected-text.ts';
import { isStored, parameterValue } from './parameters.ts';
import { takesPart, type WrittenResource, type WrittenTemplate } from './shape.ts';
import type { World } from './worlds.ts';

/** Where a stack is deployed. */
export interface StackPlace {
  /** null: not known. */
  readonly region: string | null;
  /** null: not known. */
  readonly account: string | null;
}

/** A template as one stack of it. */
export interface Stack {
  readonly template: WrittenTemplate;
  readonly place: StackPlace;
  /** Before the names of what is in it, where it is nested: `Nested/`. */
  readonly prefix: string;
  /** The stacks nested in it, by the logical id of their resource. */
  readonly nested: Map<string, Stack>;
  /** Of a nested stack: whether it is there. */
  isThere?(world: World): boolean;
  /** The value of a parameter that is given; undefined: none is. */
  given(name: string, world: World): unknown;
  /** The stack of the same app that exports a value, and the output that has it; undefined: none does. */
  exporter?(name: string): { readonly stack: Stack; readonly output: string } | undefined;
}

/** The property with the name that `!Ref` returns where the template gives one. */
export const NAMES: Readonly<Record<string, string>> = {
  'AWS::KMS::Alias': 'AliasName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Serverless::Function': 'FunctionName',
  'AWS::CodeBuild::Project': 'Name',
  'AWS::EKS::Cluster': 'Name',
  'AWS::RDS::DBInstance': 'DBInstanceIdentifier',
  'AWS::RDS::DBCluster': 'DBClusterIdentifier',
  'AWS::ApiGateway::Stage': 'StageName',
};

/** The value of an expression of a stack. @throws UsageError for a mistake in it, Fork where it depends on an open question */
export function valueIn(stack: Stack, world: World, expression: unknown, at: string): unknown {
  return evaluate(expression, at, scopeOf(stack, world));
}

/** A property of a resource; undefined: it has none. */
export function propertyOf(stack: Stack, world: World, { id, properties }: WrittenResource, name: string): unknown {
  if (!Object.hasOwn(properties, name)) return undefined;
  const value = valueIn(stack, world, properties[name], `Resources.${id}.Properties.${name}`);
  return value === NO_VALUE || value === null ? undefined : value;
}

/**
 * A property that is a text; undefined: it has none.
 * @throws Error for fields or a list, which CloudFormation refuses, unless a macro may make a text of them
 */
export function textOfProperty(
  stack: Stack,
  world: World,
  resource: WrittenResource,
  name: string,
): string | undefined {
  const value = propertyOf(stack, world, resource, name);
  if (typeof value !== 'object') return value === undefined ? undefined : String(value);
  if (resource.macro !== null) return textOf({ written: nameIn(stack, resource.id, name), settledBy: PROCESSED });
  throw expectedText(`Resources.${resource.id}.Properties.${name}`, value ?? {});
}

/** Whether a resource is there. */
export function isThere(stack: Stack, world: World, { condition }: WrittenResource): boolean {
  if (stack.isThere && !stack.isThere(world)) return false;
  return condition === null || scopeOf(stack, world).condition(condition);
}

/** What a resource is called in texts that are not known. */
export function nameIn({ prefix }: Pick<Stack, 'prefix'>, id: string, attribute?: string): string {
  return `${prefix}${id}${attribute === undefined ? '' : `.${attribute}`}`;
}

export function scopeOf(stack: Stack, world: World): Scope {
  const { template, prefix, nested } = stack;
  const once = <T>(what: string, work: () => T): T => {
    const key = `${prefix}\n${what}`;
    const known = world.known.get(key);
    if (known === PENDING) throw new Error(`${what} refers to itself in a circle`);
    if (known !== undefined) return known as T;
    world.known.set(key, PENDING);
    try {
      const value = work();
      world.known.set(key, value);
      return value;
    } catch (error) {
      world.known.delete(key);
      throw error;
    }
  };
  const scope: Scope = {
    ref(name) {
      if (name.startsWith('AWS::')) return pseudoParameter(name, stack);
      if (Object.hasOwn(template.parameters, name))
        return once(`parameter ${name}`, () => parameterIn(stack, name, world));
      const resource = resourceIn(stack, name);
      if (!resource) return unseen(stack, name);
      const property = NAMES[resource.type];
      const own =
        property !== undefined
          ? once(`name of ${name}`, () => textOfProperty(stack, world, resource, property) ?? NO_VALUE)
          : NO_VALUE;
      if (typeof own === 'string') return own;
      const settledBy = property === undefined ? AFTER_DEPLOYMENT : `${property} of ${name} in the template`;
      return textOf({ written: nameIn(stack, name), settledBy, isPlain: property !== undefined });
    },
    attribute(id, attribute) {
      const child = nested.get(id);
      const [, output] = /^Outputs\.(.+)$/.exec(attribute) ?? [];
      if (child && output !== undefined) return once(`output ${id}.${output}`, () => outputOf(child, world, output));
      const resource = resourceIn(stack, id);
      if (!resource) return unseen(stack, id, attribute);
      const settledBy = output === undefined ? madeBy(resource) : shownBy(id, output);
      return textOf({ written: nameIn(stack, id, attribute), settledBy });
    },
    condition(name) {
      if (!Object.hasOwn(template.conditions, name)) {
        if (!template.isPartial) throw new Error(`there is no condition ${name}`);
        return world.mayEqual(added(`the condition ${nameIn(stack, name)}`), 'true');
      }
      return once(`condition ${name}`, () => evaluate(template.conditions[name], `Conditions.${name}`, scope) === true);
    },
    keysOf(map) {
      const found = template.mappings[map];
      return isFields(found) && !takesPart(found) ? Object.keys(found) : [];
    },
    mapped(map, first, second) {
      const found = template.mappings[map];
      const level = isFields(found) ? found[first] : undefined;
      const value = isFields(level) ? level[second] : undefined;
      const isAdded = found === undefined ? template.isPartial : [found, level].some(takesPart);
      return value ?? (isAdded ? added(`Fn::FindInMap ${map}.${first}.${second}`) : undefined);
    },
    imported(name) {
      const found = stack.exporter?.(name);
      return found && once(`import ${name}`, () => outputOf(found.stack, world, found.output));
    },
    mayEqual: (one, other) => world.mayEqual(one, other),
    text: withoutDynamicReferences,
  };
  return scope;
}

const PENDING = Symbol('PENDING');

function outputOf(child: Stack, world: World, name: string): unknown {
  const output = child.template.outputs[name];
  const expression = isFields(output) ? output['Value'] : undefined;
  if (expression !== undefined) return valueIn(child, world, expression, `Outputs.${name}.Value`);
  if (!child.template.isPartial) throw new Error(`${child.template.file} has no output ${name}`);
  return unseen(child, `Outputs.${name}`);
}

/** What a custom resource returns is up to its own program, and may be empty. */
function madeBy({ id, type }: WrittenResource): string {
  return /^(Custom::|AWS::CloudFormation::CustomResource$)/.test(type) ? `what ${id} returns` : AFTER_DEPLOYMENT;
}

function shownBy(nested: string, output: string): string {
  return `the template of ${nested} as a file here, or the output ${output} of its stack (aws cloudformation describe-stacks)`;
}

/** undefined: only a macro or a module may make it. */
function resourceIn({ template }: Stack, id: string): WrittenResource | undefined {
  const resource = template.resources.get(id);
  if (!resource && !template.isPartial) throw new Error(`there is no parameter or resource ${id}`);
  return resource;
}

/** What settles a value that is made by what the template does not show. */
export const PROCESSED =
  'the template with its macros processed (aws cloudformation get-template --template-stage Processed)';

function unseen(stack: Stack, id: string, attribute?: string): string {
  return added(nameIn(stack, id, attribute));
}

function added(written: string): string {
  return textOf({ written, settledBy: PROCESSED });
}

function parameterIn(stack: Stack, name: string, world: World): unknown {
  const declared = stack.template.parameters[name];
  const { Type: type, Default: stored } = isFields(declared) ? declared : {};
  return (
    parameterValue(declared, stack.given(name, world)) ??
    textOf(unknownParameter(stack, name, isStored(type) ? stored : null))
  );
}

/** @param stored the name of a parameter in the Parameter Store that has the value */
function unknownParameter({ prefix }: Stack, name: string, stored: unknown): UnknownValue {
  if (prefix !== '') {
    const settledBy = `${name} in the Parameters of the nested stack ${prefix.slice(0, -1)}`;
    return { written: `${prefix}${name}`, settledBy };
  }
  const from = typeof stored === 'string' ? `, the value of ${stored} (aws ssm get-parameter)` : '';
  return { written: name, settledBy: `--parameter ${name}=VALUE${from}` };
}

function pseudoParameter(name: string, { place: { region, account }, prefix }: Stack): unknown {
  const partition = region === null ? undefined : (partitionOfRegion(region)?.name ?? 'aws');
  switch (name) {
    case 'AWS::NoValue':
      return NO_VALUE;
    case 'AWS::Region':
      return region ?? textOf(UNKNOWN_REGION);
    case 'AWS::AccountId':
      return account ?? textOf(UNKNOWN_ACCOUNT);
    case 'AWS::Partition':
      return partition ?? textOf({ written: name, settledBy: UNKNOWN_REGION.settledBy });
    case 'AWS::URLSuffix':
      return (
        partitionNamed(partition ?? '')?.urlSuffix ?? textOf({ written: name, settledBy: UNKNOWN_REGION.settledBy })
      );
    // A nested stack has a name and an id of its own.
    case 'AWS::StackName':
      return textOf({
        written: `${prefix}${name}`,
        settledBy: `the name of the stack, in the place of ${name}`,
        isPlain: true,
      });
    default:
      return textOf({ written: `${prefix}${name}`, settledBy: AFTER_DEPLOYMENT });
  }
}
