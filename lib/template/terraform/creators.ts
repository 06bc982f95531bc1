import { isFields, jsonOf } from '../../domain/template/fields.ts';
import type { DeclaredCreator, Open } from '../../domain/template/model.ts';
import { finderOfEqual, isKnown, lowered, shownText, textOf, unknownsIn } from '../../domain/template/unknown.ts';
import { configured, expressionOf } from './configuration.ts';
import { fieldIn, hasTrue, objectIn, objectsIn, textIn } from './json.ts';
import { type ResourceIndex, targetsOf } from './references.ts';
import { isSensitive, isUnknown, type Resource, shownAttribute } from './resources.ts';
import { settledBy } from './sources.ts';

/** What a resource makes CloudWatch Logs create. */
interface Creation {
  /** As people say it, before the address of the resource: `the Lambda function`. */
  readonly what: string;
  /** The names of the log groups. */
  readonly names: readonly string[];
}

type Creator = (resource: Resource) => Creation | null;

/** The resources of whose log groups AWS documents when they are created and what they are called. */
const CREATORS: Readonly<Record<string, Creator>> = {
  // Lambda Developer Guide, "Sending Lambda function logs to CloudWatch Logs".
  aws_lambda_function: (resource) => {
    const own = nameIn(resource, 'logging_config', 'log_group');
    if (own === null) return null;
    return { what: 'the Lambda function', names: [own ?? `/aws/lambda/${ownName(resource, 'function_name')}`] };
  },
  // CodeBuild User Guide, "Create a build project", "Logs".
  aws_codebuild_project: (resource) => {
    const [logs] = objectsIn(resource.values, 'logs_config');
    const [own] = objectsIn(logs, 'cloudwatch_logs');
    if (own?.['status'] === 'DISABLED' || hasTrue(fieldIn(resource.unknown, 'logs_config'))) return null;
    const name = textIn(own, 'group_name') ?? `/aws/codebuild/${ownName(resource, 'name')}`;
    return { what: 'the CodeBuild project', names: [name] };
  },
  // RDS User Guide, "Publishing database logs to Amazon CloudWatch Logs".
  aws_db_instance: (resource) => database('the DB instance', 'instance', 'identifier', resource),
  aws_rds_cluster: (resource) => database('the DB cluster', 'cluster', 'cluster_identifier', resource),
  // EKS User Guide, "Send control plane logs to CloudWatch Logs".
  aws_eks_cluster: (resource) =>
    textsIn(resource, 'enabled_cluster_log_types').length === 0
      ? null
      : { what: 'the EKS cluster', names: [`/aws/eks/${ownName(resource, 'name')}/cluster`] },
  // ECS Developer Guide, "Using the awslogs log driver", awslogs-create-group.
  aws_ecs_task_definition: (resource) => {
    const names = containersIn(resource).flatMap((container) => {
      const options = objectIn(objectIn(container, 'logConfiguration'), 'options');
      return String(options['awslogs-create-group']) === 'true' ? (textIn(options, 'awslogs-group') ?? []) : [];
    });
    return names.length === 0 ? null : { what: 'the task definition', names: [...new Set(names)] };
  },
  // API Gateway Developer Guide, "Set up CloudWatch logging for REST APIs": API-Gateway-Execution-Logs_{rest-api-id}/{stage_name}.
  aws_api_gateway_method_settings: (resource) => {
    const levels = objectsIn(resource.values, 'settings').map((each) => each['logging_level']);
    if (isSensitive(resource, 'settings') || !levels.some((level) => level === 'INFO' || level === 'ERROR'))
      return null;
    const name = `API-Gateway-Execution-Logs_${ownName(resource, 'rest_api_id')}/${ownName(resource, 'stage_name')}`;
    return { what: 'the stage of', names: [name] };
  },
  // VPC User Guide, "Create a flow log that publishes to CloudWatch Logs". Up to version 5 of the AWS provider.
  aws_flow_log: (resource) => {
    const name = shownAttribute(resource, 'log_group_name');
    return name === undefined ? null : { what: 'the flow log', names: [name] };
  },
};

/**
 * The log groups that resources make CloudWatch Logs create, as far as that is certain.
 * @param names those of the log groups that the file has
 */
export function creatorsOf(
  resources: readonly Resource[],
  index: ResourceIndex,
  names: ReadonlySet<string>,
  file: string,
): DeclaredCreator[] {
  const openNamed = finderOfEqual([...names].filter((name) => !isKnown(name)));
  const missing = (name: string): Pick<DeclaredCreator, 'name' | 'unless'>[] => {
    if (names.has(name)) return [];
    const same = openNamed(name);
    return [same === undefined ? { name } : { name, unless: mayBe(same, name) }];
  };
  const owners = ownersOf(resources, index);
  return resources
    .filter((resource) => !owners.has(resource.address))
    .flatMap((resource) => creatorsBy(resource, index, missing, file));
}

/**
 * What the log groups whose names are known only after apply are named after, as `/aws/lambda/${aws_lambda_function.f.function_name}` is: a plan
 * does not have the text around the reference.
 */
function ownersOf(resources: readonly Resource[], index: ResourceIndex): ReadonlySet<string> {
  const open = resources.filter(
    (each) => each.mode === 'managed' && each.type === LOG_GROUP && shownAttribute(each, 'name') === undefined,
  );
  const targets = open.flatMap((group) => targetsOf(index, group, expressionOf(index.configuration, group, 'name')));
  return new Set(targets.map(({ resource }) => resource.address));
}

const LOG_GROUP = 'aws_cloudwatch_log_group';

/** Where a log group of the file may turn out to have the name. */
function mayBe(logGroup: string, name: string): Open {
  const unknowns = [...unknownsIn(logGroup), ...unknownsIn(name)];
  return {
    because: `${shownText(logGroup)}, which is known only after apply, may be the same name`,
    settledBy: [...new Set(unknowns.map((unknown) => unknown.settledBy))],
  };
}

function creatorsBy(
  resource: Resource,
  index: ResourceIndex,
  missing: (name: string) => readonly Pick<DeclaredCreator, 'name' | 'unless'>[],
  file: string,
): DeclaredCreator[] {
  const { mode, type, address } = resource;
  const creator = mode === 'managed' && Object.hasOwn(CREATORS, type) ? CREATORS[type] : undefined;
  const creation = creator?.(withoutUnset(resource, index));
  if (!creation || namesLogGroup(resource, index)) return [];
  const what = `${creation.what} ${address}`;
  return creation.names.flatMap(missing).map((each) => ({ file, line: null, id: address, what, ...each }));
}

/** Of blocks that the configuration does not have, AWS's default is known: a plan has `logging_config` of each new function as unknown. */
function withoutUnset(resource: Resource, index: ResourceIndex): Resource {
  const expressions = fieldIn(configured(index.configuration, resource), 'expressions');
  const { unknown } = resource;
  if (!isFields(expressions) || !isFields(unknown)) return resource;
  return { ...resource, unknown: Object.fromEntries(Object.entries(unknown).filter(([name]) => name in expressions)) };
}

/** Whether a function takes the name of its log group from one that the file has, even where that is not known yet. */
function namesLogGroup(resource: Resource, index: ResourceIndex): boolean {
  const blocks = expressionOf(index.configuration, resource, 'logging_config');
  const expressions = [blocks].flat().map((block) => fieldIn(block, 'log_group'));
  return expressions.some((expression) =>
    targetsOf(index, resource, expression).some((target) => target.resource.type === LOG_GROUP),
  );
}

function database(what: string, kind: string, attribute: string, resource: Resource): Creation | null {
  const exports = textsIn(resource, 'enabled_cloudwatch_logs_exports');
  if (exports.length === 0) return null;
  return { what, names: exports.map((type) => `/aws/rds/${kind}/${lowered(ownName(resource, attribute))}/${type}`) };
}

/** The name of a resource, which keeps its place where it is known only after apply. */
function ownName(resource: Resource, attribute: string): string {
  const written = `${resource.address}.${attribute}`;
  return shownAttribute(resource, attribute) ?? textOf({ written, settledBy: settledBy([written]) });
}

/** A text in a block; undefined: it is not set; null: it is not known, or must not be shown. */
function nameIn(resource: Resource, block: string, attribute: string): string | null | undefined {
  if (isSensitive(resource, block) || isUnknown(resource, block, false)) return null;
  if (hasTrue(fieldIn(resource.unknown, block))) {
    const [flags] = objectsIn(resource.unknown, block);
    if (fieldIn(flags, attribute) === true && !textIn(objectsIn(resource.values, block)[0], attribute)) return null;
  }
  return textIn(objectsIn(resource.values, block)[0], attribute);
}

function textsIn(resource: Resource, attribute: string): string[] {
  const values = isSensitive(resource, attribute) ? [] : fieldIn(resource.values, attribute);
  return Array.isArray(values) ? values.filter((each): each is string => typeof each === 'string') : [];
}

function containersIn(resource: Resource): unknown[] {
  const text = shownAttribute(resource, 'container_definitions');
  const containers = jsonOf(text ?? '[]');
  return Array.isArray(containers) ? containers.filter(isFields) : [];
}
