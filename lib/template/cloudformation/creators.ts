import { isFields } from '../../domain/template/fields.ts';
import { lowered } from '../../domain/template/unknown.ts';
import { expectedText } from './expected-text.ts';
import type { WrittenResource } from './shape.ts';

/** What a resource makes CloudWatch Logs create. */
export interface Creation {
  /** As people say it, before the id of the resource: `the Lambda function`. */
  readonly what: string;
  /** The names of the log groups. */
  readonly names: readonly string[];
}

/** A resource whose properties are evaluated. */
export interface CreatorFacts {
  /** undefined: the resource has no such property. */
  property(name: string): unknown;
  /** The name under which it logs, as `nameInLogs` has it. */
  readonly ref: string;
  readonly resource: WrittenResource;
}

type Creator = (facts: CreatorFacts) => Creation | null;

/** The resources of whose log groups AWS documents when they are created and what they are called. */
const CREATORS: Readonly<Record<string, Creator>> = {
  // Lambda Developer Guide, "Sending Lambda function logs to CloudWatch Logs".
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Serverless::Function': lambdaFunction,
  // CodeBuild User Guide, "Create a build project", "Logs".
  'AWS::CodeBuild::Project': (facts) => {
    const { property, ref } = facts;
    if (field(field(property('LogsConfig'), 'CloudWatchLogs'), 'Status') === 'DISABLED') return null;
    const own = textAt(facts, 'LogsConfig', 'CloudWatchLogs', 'GroupName');
    return { what: 'the CodeBuild project', names: [own ?? `/aws/codebuild/${ref}`] };
  },
  // RDS User Guide, "Publishing database logs to Amazon CloudWatch Logs".
  'AWS::RDS::DBInstance': (facts) => database('the DB instance', 'instance', facts),
  'AWS::RDS::DBCluster': (facts) => database('the DB cluster', 'cluster', facts),
  // EKS User Guide, "Send control plane logs to CloudWatch Logs".
  'AWS::EKS::Cluster': ({ property, ref }) => {
    const types = field(field(property('Logging'), 'ClusterLogging'), 'EnabledTypes');
    if (!Array.isArray(types) || types.length === 0) return null;
    return { what: 'the EKS cluster', names: [`/aws/eks/${ref}/cluster`] };
  },
  // ECS Developer Guide, "Using the awslogs log driver", awslogs-create-group.
  'AWS::ECS::TaskDefinition': ({ property }) => {
    const names = list(property('ContainerDefinitions')).flatMap((container) => {
      const options = field(field(container, 'LogConfiguration'), 'Options');
      const creates = String(field(options, 'awslogs-create-group')) === 'true';
      return creates ? (text(field(options, 'awslogs-group')) ?? []) : [];
    });
    return names.length === 0 ? null : { what: 'the task definition', names: [...new Set(names)] };
  },
  // API Gateway Developer Guide, "Set up CloudWatch logging for REST APIs": API-Gateway-Execution-Logs_{rest-api-id}/{stage_name}.
  'AWS::ApiGateway::Stage': ({ property, ref }) => {
    const api = text(property('RestApiId'));
    return api !== undefined && logsExecutions(property('MethodSettings'))
      ? { what: 'the stage', names: [`API-Gateway-Execution-Logs_${api}/${ref}`] }
      : null;
  },
  // The stage that a deployment makes.
  'AWS::ApiGateway::Deployment': ({ property }) => {
    const [api, stage, description] = [
      text(property('RestApiId')),
      text(property('StageName')),
      property('StageDescription'),
    ];
    return api !== undefined &&
      stage !== undefined &&
      logsExecutions([description, ...list(field(description, 'MethodSettings'))])
      ? { what: 'the deployment', names: [`API-Gateway-Execution-Logs_${api}/${stage}`] }
      : null;
  },
  'AWS::Serverless::Api': ({ property, ref }) => {
    const stage = text(property('StageName'));
    return stage !== undefined && logsExecutions(property('MethodSettings'))
      ? { what: 'the API', names: [`API-Gateway-Execution-Logs_${ref}/${stage}`] }
      : null;
  },
  // VPC User Guide, "Create a flow log that publishes to CloudWatch Logs".
  'AWS::EC2::FlowLog': (facts) => {
    const name = textAt(facts, 'LogGroupName');
    return name === undefined ? null : { what: 'the flow log', names: [name] };
  },
};

/** RDS API Reference, `CreateDBInstance` and `CreateDBCluster`: identifiers are stored in lower case. `!Ref` returns what the template has. */
const LOWERED = ['AWS::RDS::DBInstance', 'AWS::RDS::DBCluster'];

/** The name under which a resource logs. @param ref what `!Ref` returns, which is its name where the template gives one */
export function nameInLogs({ type }: WrittenResource, ref: string): string {
  return LOWERED.includes(type) ? lowered(ref) : ref;
}

/** What a resource makes CloudWatch Logs create; null: nothing that is certain. */
export function creationOf(facts: CreatorFacts): Creation | null {
  return CREATORS[facts.resource.type]?.(facts) ?? null;
}

/** Whether resources of a type may make CloudWatch Logs create a log group. */
export function mayCreate({ type }: WrittenResource): boolean {
  return Object.hasOwn(CREATORS, type);
}

function lambdaFunction(facts: CreatorFacts): Creation {
  const own = textAt(facts, 'LoggingConfig', 'LogGroup');
  return { what: 'the Lambda function', names: [own ?? `/aws/lambda/${facts.ref}`] };
}

function database(what: string, kind: string, { property, ref }: CreatorFacts): Creation | null {
  const exports = property('EnableCloudwatchLogsExports');
  // RDS API Reference, `CreateDBInstance`: the DB cluster manages the exports of its instances.
  const isOfCluster = kind === 'instance' && property('DBClusterIdentifier') !== undefined;
  if (!Array.isArray(exports) || isOfCluster) return null;
  return { what, names: exports.map((type) => `/aws/rds/${kind}/${ref}/${type}`) };
}

function logsExecutions(settings: unknown): boolean {
  const levels = list(settings).map((each) => field(each, 'LoggingLevel'));
  return levels.some((level) => level === 'INFO' || level === 'ERROR');
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function field(value: unknown, name: string): unknown {
  return isFields(value) ? value[name] : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A text below a property; undefined: there is none. @throws UsageError for fields or a list, unless a macro may make a text of them */
function textAt({ property, resource }: CreatorFacts, name: string, ...names: readonly string[]): string | undefined {
  const value = names.reduce(field, property(name));
  if (typeof value !== 'object' || value === null) return text(value);
  if (resource.macro !== null) return undefined;
  throw expectedText(['Resources', resource.id, 'Properties', name, ...names].join('.'), value);
}
