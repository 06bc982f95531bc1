import * as v from 'valibot';
import { UsageError } from '../../lib/errors.ts';
import { parse, strict } from '../parse.ts';
import { partitionOf } from '../state.ts';
import { readDocument } from './document.ts';
import { evaluate, NO_VALUE, type Scope, unknownIntrinsics } from './evaluate.ts';
import { resolveParameters } from './parameters.ts';
import { type Identity, RESOURCE_TYPES, type StackPlace } from './resources.ts';

const mapping = v.record(v.string(), v.unknown());
const templateSchema = v.looseObject({
  Parameters: v.optional(mapping),
  Rules: v.optional(
    v.record(
      v.string(),
      strict({
        RuleCondition: v.optional(v.unknown()),
        Assertions: v.array(strict({ Assert: v.unknown(), AssertDescription: v.string() })),
      }),
    ),
    {},
  ),
  Conditions: v.optional(mapping, {}),
  Globals: v.optional(strict({ Function: v.optional(mapping, {}) }), {}),
  Resources: v.record(
    v.string(),
    v.looseObject({
      Type: v.picklist(Object.keys(RESOURCE_TYPES), ({ input }) => `${input} is not known to the sandbox`),
      Condition: v.optional(v.string()),
      Properties: v.optional(mapping, {}),
      Metadata: v.optional(mapping),
    }),
  ),
  Outputs: v.optional(mapping, {}),
});

/** A resource that exists, with its intrinsics carried out. */
export interface Resource extends Identity {
  /** The logical id. */
  readonly id: string;
  /** The physical name where the template gives none. */
  readonly name: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly metadata: unknown;
}

/**
 * The resources that a CloudFormation template describes. No general CloudFormation: it knows what template.yaml uses.
 * @throws UsageError that lists every mistake: of the parameters, else of the rules, else of the resources
 */
export function readTemplate(path: string, given: Readonly<Record<string, string>>, place: StackPlace): Resource[] {
  const document = readDocument(path);
  const template = parse(templateSchema, document, path);
  refuse(unknownIntrinsics(document, '').map((mistake) => mistake.replace('.', '')));
  const scope = scopeOf(template, resolveParameters(template.Parameters, given), place);
  const failed = Object.entries(template.Rules).flatMap(([name, { RuleCondition = true, Assertions }]) => {
    const value = (part: unknown) => evaluate(part, `Rules.${name}`, scope);
    if (!value(RuleCondition)) return [];
    return Assertions.filter(({ Assert }) => !value(Assert)).map(({ AssertDescription }) => AssertDescription);
  });
  refuse(failed);
  const mistakes: string[] = [];
  const attempt = <T>(carryOut: () => T): T[] => {
    try {
      return [carryOut()];
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      mistakes.push(...error.mistakes);
      return [];
    }
  };
  const resources = Object.entries(template.Resources).flatMap(([id, { Type: type, Condition, Metadata }]) =>
    attempt(() => {
      if (Condition !== undefined && !scope.condition(Condition)) return [];
      const properties = evaluate(propertiesOf(template, id), `Resources.${id}.Properties`, scope) as object;
      const name = `${place.stackName}-${id}`;
      return [{ id, type, name, properties: { ...properties }, metadata: Metadata, ...scope.identity(id) }];
    }).flat(),
  );
  for (const [name, output] of Object.entries(template.Outputs)) {
    const { Condition, ...rest } = output as { Condition?: string };
    attempt(() => (Condition === undefined || scope.condition(Condition)) && evaluate(rest, `Outputs.${name}`, scope));
  }
  refuse(mistakes);
  return resources;
}

function refuse(mistakes: readonly string[]): void {
  if (mistakes.length) throw new UsageError(mistakes);
}

type Template = v.InferOutput<typeof templateSchema>;

/** SAM's `Globals` go under each function's own properties; the environments are joined. */
function propertiesOf({ Globals, Resources }: Template, id: string): Record<string, unknown> {
  const { Type, Properties = {} } = Resources[id] ?? {};
  if (Type !== 'AWS::Serverless::Function') return Properties;
  const shared = Globals.Function ?? {};
  const variablesOf = (properties: Record<string, unknown>) =>
    (properties['Environment'] as { Variables?: object } | undefined)?.Variables;
  const Variables = { ...variablesOf(shared), ...variablesOf(Properties) };
  return { ...shared, ...Properties, Environment: { Variables } };
}

function scopeOf(template: Template, parameters: Record<string, string>, place: StackPlace) {
  const { account, region, stackName } = place;
  const partition = partitionOf(region);
  const names: Record<string, unknown> = {
    ...parameters,
    'AWS::AccountId': account,
    'AWS::NoValue': NO_VALUE,
    'AWS::Partition': partition,
    'AWS::Region': region,
    'AWS::StackName': stackName,
    'AWS::URLSuffix': partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com',
  };
  const identity = (id: string): Identity => {
    const resource = Object.hasOwn(template.Resources, id) ? template.Resources[id] : undefined;
    if (!resource) throw new Error(`there is no parameter, pseudo parameter or resource ${id}`);
    if (resource.Condition !== undefined && !scope.condition(resource.Condition)) {
      throw new Error(`${id} does not exist, since its condition ${resource.Condition} does not hold`);
    }
    const property = (name: string) =>
      evaluate(propertiesOf(template, id)[name], `Resources.${id}.Properties.${name}`, scope);
    const identify = RESOURCE_TYPES[resource.Type] as (typeof RESOURCE_TYPES)[string] & {};
    return identify(place, `${stackName}-${id}`, property);
  };
  const scope: Scope & { identity(id: string): Identity } = {
    identity,
    ref: (name) => (Object.hasOwn(names, name) ? names[name] : identity(name).ref),
    attribute(id, name) {
      const value = identity(id).attributes[name];
      if (value === undefined) throw new Error(`${id} has no attribute ${name} that the sandbox knows`);
      return value;
    },
    condition(name) {
      if (!Object.hasOwn(template.Conditions, name)) throw new Error(`there is no condition ${name}`);
      return evaluate(template.Conditions[name], `Conditions.${name}`, scope) === true;
    },
  };
  return scope;
}
