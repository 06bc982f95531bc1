import { formatArn } from '../../lib/domain/arn.ts';
import { partitionNamed } from '../../lib/domain/partition.ts';
import { UsageError } from '../../lib/errors.ts';
import { evaluate, intrinsicOf, NO_VALUE, type Scope } from '../../lib/template/cloudformation/evaluate.ts';
import { newKey, partitionOf } from '../state.ts';
import { readDocument } from './document.ts';
import { type Parameter, resolveParameters } from './parameters.ts';

/** Where a stack is deployed, and its name. */
export interface StackPlace {
  readonly account: string;
  readonly region: string;
  readonly stackName: string;
  /** The URL of the sandbox, with which the URLs of the queues begin. */
  readonly url: string;
}

/** A resource whose condition holds, with its intrinsics evaluated. */
export interface Resource {
  /** The logical id. */
  readonly id: string;
  readonly type: string;
  /** The physical name, which is also the value of `!Ref`, except for a queue. */
  readonly name: string;
  readonly ref: string;
  readonly arn: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly metadata: unknown;
}

type Property = (name: string) => unknown;

/** The property with the physical name, which `!GetAtt` returns too; the service; the resource part of the ARN. */
type Naming = readonly [property?: string, service?: string, resource?: (name: string, property: Property) => string];

/** Every type that the sandbox knows. The last ones are read and then ignored. */
const TYPES: Readonly<Record<string, Naming>> = {
  'AWS::DynamoDB::Table': ['TableName', 'dynamodb', (name) => `table/${name}`],
  'AWS::Events::EventBus': ['Name', 'events', (name) => `event-bus/${name}`],
  'AWS::Events::Rule': ['Name', 'events', (name, of) => ['rule', of('EventBusName') ?? [], name].flat().join('/')],
  'AWS::IAM::Policy': [],
  'AWS::IAM::Role': ['RoleName', 'iam', (name) => `role/${name}`],
  'AWS::KMS::Alias': ['AliasName', 'kms', (name) => name],
  'AWS::KMS::Key': ['KeyId', 'kms', (name) => `key/${name}`],
  'AWS::Logs::LogGroup': ['LogGroupName', 'logs', (name) => `log-group:${name}:*`],
  'AWS::Serverless::Function': ['FunctionName', 'lambda', (name) => `function:${name}`],
  'AWS::SQS::Queue': ['QueueName', 'sqs', (name) => name],
  'AWS::SQS::QueuePolicy': [],
  'AWS::Lambda::Permission': [],
  'AWS::CloudWatch::Alarm': ['AlarmName', 'cloudwatch', (name) => `alarm:${name}`],
  'AWS::CloudWatch::Dashboard': [],
  'AWS::Logs::QueryDefinition': [],
};

type Properties = Readonly<Record<string, unknown>>;
interface Template {
  readonly Parameters?: Readonly<Record<string, Parameter>>;
  readonly Rules?: Readonly<Record<string, { RuleCondition?: unknown; Assertions: Assertion[] }>>;
  readonly Conditions?: Properties;
  readonly Globals?: { readonly Function?: Properties };
  readonly Resources: Readonly<Record<string, Written>>;
  readonly Outputs?: Readonly<Record<string, Pick<Written, 'Condition'>>>;
}
type Assertion = { readonly Assert: unknown; readonly AssertDescription: string };
interface Written {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties?: Properties;
  readonly Metadata?: unknown;
}

/**
 * Reads the resources of a CloudFormation template. Knows only the part of CloudFormation that template.yaml uses.
 * @throws UsageError that lists every mistake of one kind: unknown names, else parameters, else rules, else resources
 */
export function readTemplate(path: string, given: Readonly<Record<string, string>>, place: StackPlace): Resource[] {
  const template = readDocument(path) as Template;
  const { Parameters = {}, Rules = {}, Resources, Outputs = {} } = template;
  const unknown = Object.entries(Resources).filter(([, { Type }]) => !Object.hasOwn(TYPES, Type));
  const types = unknown.map(([id, { Type }]) => `Resources.${id}.Type: ${Type} is not known to the sandbox`);
  refuse([...types, ...unknownIntrinsics(template, '')]);
  const scope = scopeOf(template, resolveParameters(Parameters, given), place);
  const failed = Object.entries(Rules).flatMap(([name, { RuleCondition = true, Assertions }]) => {
    const holds = (part: unknown) => evaluate(part, `Rules.${name}`, scope) === true;
    return holds(RuleCondition) ? Assertions.filter(({ Assert }) => !holds(Assert)) : [];
  });
  refuse(failed.map(({ AssertDescription }) => AssertDescription));
  const mistakes: string[] = [];
  function existing<T, Result>(
    items: Readonly<Record<string, T & { Condition?: string }>>,
    read: (id: string, item: T) => Result,
  ) {
    return Object.entries(items).flatMap(([id, item]) => {
      try {
        return item.Condition === undefined || scope.condition(item.Condition) ? [read(id, item)] : [];
      } catch (error) {
        mistakes.push(...(error as UsageError).mistakes);
        return [];
      }
    });
  }
  const resources = existing(Resources, (id, { Type: type, Metadata: metadata }) => {
    const properties = evaluate(propertiesOf(template, id), `Resources.${id}.Properties`, scope) as Properties;
    return { id, type, properties, metadata, ...scope.identity(id) };
  });
  existing(Outputs, (name, { Condition: _, ...output }) => evaluate(output, `Outputs.${name}`, scope));
  refuse(mistakes);
  return resources;
}

/** Only the intrinsics that template.yaml uses. */
const INTRINSICS = [
  'Ref',
  'Condition',
  ...['GetAtt', 'If', 'Equals', 'Not', 'And', 'Or', 'Split', 'Join', 'Select', 'Sub'].map((name) => `Fn::${name}`),
];

/** Every other intrinsic with its place, even in a branch that no condition selects. */
function unknownIntrinsics(value: unknown, at: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const name = intrinsicOf(value);
  const known = INTRINSICS.join(', ');
  const own = name && !INTRINSICS.includes(name) ? [`${at}: ${name} is not known to the sandbox, only ${known}`] : [];
  const step = (key: string) => (Array.isArray(value) ? `[${key}]` : at && `.${key}`) || key;
  return [...own, ...Object.entries(value).flatMap(([key, item]) => unknownIntrinsics(item, `${at}${step(key)}`))];
}

function refuse(mistakes: readonly string[]): void {
  if (mistakes.length) throw new UsageError(mistakes);
}

/** SAM's `Globals` are the defaults for each function's properties. The environments are merged. */
function propertiesOf({ Globals, Resources }: Template, id: string): Properties {
  const { Type, Properties = {} } = Resources[id] as Written;
  if (Type !== 'AWS::Serverless::Function') return Properties;
  const levels = [Globals?.Function ?? {}, Properties] as { Environment?: { Variables?: object } }[];
  const Variables = Object.assign({}, ...levels.map(({ Environment }) => Environment?.Variables));
  return Object.assign({}, ...levels, { Environment: { Variables } });
}

function scopeOf(template: Template, parameters: Readonly<Record<string, string>>, place: StackPlace) {
  const { Resources, Conditions = {} } = template;
  const { account, region, stackName, url } = place;
  const partition = partitionOf(region);
  const names: Readonly<Record<string, unknown>> = {
    ...parameters,
    'AWS::AccountId': account,
    'AWS::NoValue': NO_VALUE,
    'AWS::Partition': partition,
    'AWS::Region': region,
    'AWS::StackName': stackName,
    'AWS::URLSuffix': partitionNamed(partition)?.urlSuffix,
  };
  function identity(id: string) {
    const resource = Object.hasOwn(Resources, id) ? Resources[id] : undefined;
    if (!resource) throw new Error(`there is no parameter, pseudo parameter or resource ${id}`);
    const { Type, Condition } = resource;
    if (Condition !== undefined && !scope.condition(Condition)) {
      throw new Error(`${id} does not exist, since its condition ${Condition} does not hold`);
    }
    const property: Property = (name) =>
      evaluate(propertiesOf(template, id)[name], `Resources.${id}.Properties.${name}`, scope);
    const [nameProperty = '', service = '', resourceOf = () => ''] = TYPES[Type] ?? [];
    const own = property(nameProperty) ?? `${stackName}-${id}`;
    const isKey = Type === 'AWS::KMS::Key';
    const name = isKey
      ? newKey(account, region, String(own), { KeyState: 'Enabled', policyText: '' }).KeyId
      : String(own);
    const home = service === 'iam' ? '' : region;
    const arn = formatArn({ partition, service, region: home, account, resource: resourceOf(name, property) });
    return { name, arn, nameProperty, ref: Type === 'AWS::SQS::Queue' ? `${url}/${account}/${name}` : name };
  }
  const scope = {
    identity,
    ref: (name: string) => (Object.hasOwn(names, name) ? names[name] : identity(name).ref),
    attribute(id: string, attribute: string) {
      const { name, arn, nameProperty } = identity(id);
      if (attribute === 'Arn' || attribute === nameProperty) return attribute === 'Arn' ? arn : name;
      throw new Error(`${id} has no attribute ${attribute} that the sandbox knows`);
    },
    condition(name: string): boolean {
      if (!Object.hasOwn(Conditions, name)) throw new UsageError([`Conditions: there is no condition ${name}`]);
      return evaluate(Conditions[name], `Conditions.${name}`, scope) === true;
    },
  } satisfies Scope & Record<string, unknown>;
  return scope;
}
