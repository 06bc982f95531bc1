import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as v from 'valibot';
import { AWS_SUFFIX } from '../../lib/domain/partition.ts';
import { UsageError } from '../../lib/errors.ts';
import type { Clock } from '../clock.ts';
import { decide, readPolicy } from '../iam.ts';
import { parse } from '../parse.ts';
import { Queue } from '../queue.ts';
import { newRole, type Role } from '../role.ts';
import { newTable } from '../services/dynamodb.ts';
import { compilePattern } from '../services/event-pattern.ts';
import { type Cloud, type EventRecord, newKey, newLogGroup, partitionOf, regionState } from '../state.ts';
import type { Resource, StackPlace } from '../template/template.ts';
import * as schemas from './settings.ts';

/** A deployed function. */
export interface DeployedFunction extends v.InferOutput<typeof schemas.functionSchema> {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly file: string;
  readonly role: Role;
}

/** Where to deploy, and how a deployed rule invokes a function. */
export interface DeploySettings {
  readonly templatePath: string;
  readonly place: StackPlace;
  readonly timeScale: number;
  readonly clock: Clock;
  /** Invokes a function without waiting for it. */
  invokeLater(functionId: string, event: unknown): void;
}

/**
 * Creates the template's resources in the cloud.
 * @returns functions, queues and schedules by logical id, and the names of the template's own buses
 * @throws UsageError about anything that the sandbox does not know
 */
export function deploy(cloud: Cloud, resources: readonly Resource[], settings: DeploySettings) {
  const { templatePath, timeScale, clock } = settings;
  const { account, region } = settings.place;
  const state = regionState(cloud, account, region);
  const CreationDate = cloud.now();
  function each<Schema extends v.GenericSchema>(type: string, schema: Schema) {
    return resources
      .filter((resource) => resource.type === type)
      .map((resource) => {
        const at = `Resources.${resource.id}.Properties`;
        return { ...resource, at, properties: parse(schema, resource.properties, at, `${at}.`) };
      });
  }

  for (const { name, properties } of each('AWS::KMS::Key', schemas.keySchema)) {
    const { Description, KeyPolicy } = properties;
    const kind = { KeySpec: 'SYMMETRIC_DEFAULT', KeyUsage: 'ENCRYPT_DECRYPT', Origin: 'AWS_KMS' } as const;
    const facts = { ...kind, Description, MultiRegion: false, KeyState: 'Enabled', CreationDate } as const;
    const key = newKey(account, region, '', { ...facts, policyText: JSON.stringify(KeyPolicy) }, name);
    state.keys.set(key.KeyId, key);
  }
  for (const { properties } of each('AWS::KMS::Alias', schemas.aliasSchema)) {
    state.aliases.set(properties.AliasName, { ...properties, CreationDate, LastUpdatedDate: CreationDate });
  }

  const queues = new Map<string, Queue>();
  function queueAt(arn: string, at: string): Queue {
    const queue = [...queues.values()].find((one) => one.arn === arn);
    if (queue) return queue;
    throw new UsageError([`${at}: the template has no queue ${arn}`]);
  }
  const queueResources = each('AWS::SQS::Queue', schemas.queueSchema);
  for (const { id, name, ref, arn, properties } of queueResources) {
    const queue = new Queue(name, arn, ref, timeScale, clock);
    queue.visibilityTimeoutS = properties.VisibilityTimeout;
    queues.set(id, queue);
    state.queues.set(name, queue);
  }
  for (const { arn, at, properties } of queueResources) {
    const { deadLetterTargetArn, maxReceiveCount = 0 } = properties.RedrivePolicy ?? {};
    if (deadLetterTargetArn) queueAt(arn, at).redrive = { to: queueAt(deadLetterTargetArn, at), maxReceiveCount };
  }
  for (const { at, properties } of each('AWS::SQS::QueuePolicy', schemas.queuePolicySchema)) {
    const policy = readPolicy([properties.PolicyDocument], at);
    for (const queue of queues.values()) if (properties.Queues.includes(queue.url)) queue.policy = policy;
  }

  // Those without a name of their own are the functions' own, and a world holds nothing but what it says.
  for (const { properties } of each('AWS::Logs::LogGroup', schemas.logGroupSchema)) {
    const { LogGroupName: name, KmsKeyId: kmsKeyId } = properties;
    if (name) state.logGroups.set(name, newLogGroup(settings.place, name, CreationDate, { kmsKeyId }));
  }

  for (const { name, properties } of each('AWS::DynamoDB::Table', schemas.tableSchema)) {
    state.tables.set(name, newTable(settings.place, { ...properties, TableName: name }, CreationDate));
  }

  const rolePolicies = each('AWS::IAM::Policy', schemas.rolePolicySchema).map(({ properties }) => properties);
  const roles = each('AWS::IAM::Role', schemas.roleSchema).map(({ name, arn, at, properties }) => {
    const policies = [...properties.Policies, ...rolePolicies.filter(({ Roles }) => Roles.includes(name))];
    const documents = policies.map(({ PolicyDocument }) => PolicyDocument);
    const facts = { partition: partitionOf(region), account, name, createdAt: CreationDate };
    return { arn, actAs: (session = 'sandbox') => newRole({ ...facts, session }, documents, `${at}.Policies`) };
  });
  for (const { arn, actAs } of roles) cloud.roles.set(arn, actAs());

  const functions = new Map<string, DeployedFunction>();
  for (const { id, name, arn, at, properties, metadata } of each('AWS::Serverless::Function', schemas.functionSchema)) {
    const role = roles.find((one) => one.arn === properties.Role);
    if (!role) throw new UsageError([`${at}.Role: the template has no role ${properties.Role}`]);
    const { BuildProperties } = parse(schemas.metadataSchema, metadata, '', `Resources.${id}.Metadata.`);
    const source = resolve(dirname(templatePath), properties.CodeUri, BuildProperties.EntryPoints[0]);
    const identity = { id, name, arn, file: pathToFileURL(source).href };
    functions.set(id, { ...properties, ...identity, role: role.actAs(name) });
  }

  const busResources = each('AWS::Events::EventBus', schemas.busSchema);
  const buses = busResources.map(({ name }) => name);
  for (const { name, at, properties } of busResources) {
    const policy = properties.Policy && readPolicy([properties.Policy], `${at}.Policy`);
    state.buses.set(name, { rules: [], seen: [], policy });
  }
  if (!state.buses.has('default')) state.buses.set('default', { rules: [], seen: [] });
  const schedules = new Map<string, { readonly arn: string; readonly targets: readonly Target[] }>();
  for (const { id, arn, at, properties } of each('AWS::Events::Rule', schemas.ruleSchema)) {
    const targets = properties.Targets.map((target): Target => {
      const lambda = [...functions.values()].find((one) => one.arn === target.Arn);
      if (lambda) return (event) => settings.invokeLater(lambda.id, event);
      const queue = queueAt(target.Arn, `${at}.Targets`);
      const deadLetters = target.DeadLetterConfig && queueAt(target.DeadLetterConfig.Arn, `${at}.Targets`);
      const groupId = target.SqsParameters?.MessageGroupId;
      return (event) => sendToQueue(event, { queue, deadLetters, ruleArn: arn, groupId });
    });
    const bus = state.buses.get(properties.EventBusName);
    if (!bus) throw new UsageError([`${at}.EventBusName: the template has no bus ${properties.EventBusName}`]);
    if (!properties.EventPattern) schedules.set(id, { arn, targets });
    else bus.rules.push({ matches: compilePattern(properties.EventPattern, `${at}.EventPattern`), targets });
  }
  return { functions, queues, schedules, buses };
}

type Target = (event: EventRecord) => void;

interface Sending {
  readonly queue: Queue;
  readonly deadLetters: Queue | undefined;
  readonly ruleArn: string;
  /** A text, or where it stands in the event: `$.detail.account`. */
  readonly groupId: string | undefined;
}

/** The queue's policy must allow the rule. Otherwise the event goes to the rule's dead-letter queue, or is lost. */
function sendToQueue(event: EventRecord, { queue, deadLetters, ruleArn, groupId }: Sending): void {
  const keys = { 'aws:sourcearn': [ruleArn], 'aws:sourceaccount': [ruleArn.split(':')[4] ?? ''] };
  const request = { action: 'sqs:SendMessage', keys, service: `events.${AWS_SUFFIX}` };
  const admits = ({ policy, arn: resource }: Queue) => policy && decide(policy, { ...request, resource }) === 'ALLOW';
  const body = JSON.stringify(event);
  const group = groupId?.startsWith('$.') ? valueAt(event, groupId.slice(2).split('.')) : groupId;
  if (admits(queue)) queue.send(body, {}, 0, group);
  else if (deadLetters && admits(deadLetters)) {
    deadLetters.send(body, { RULE_ARN: ruleArn, TARGET_ARN: queue.arn, ERROR_CODE: 'NO_PERMISSIONS' });
  }
}

/** Assumption: an event without a text there has no group. */
function valueAt(event: unknown, path: readonly string[]): string | undefined {
  const value = path.reduce<unknown>((found, name) => (found as Record<string, unknown> | undefined)?.[name], event);
  return typeof value === 'string' ? value : undefined;
}
