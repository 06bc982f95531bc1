import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as v from 'valibot';
import { UsageError } from '../../lib/errors.ts';
import { ANYBODY, decide, readPolicy } from '../iam.ts';
import { parse } from '../parse.ts';
import { Queue } from '../queue.ts';
import type { Role } from '../rights.ts';
import { compilePattern } from '../services/event-pattern.ts';
import { type Cloud, type EventRecord, newKey, regionState } from '../state.ts';
import type { StackPlace } from '../template/resources.ts';
import type { Resource } from '../template/template.ts';
import {
  aliasSchema,
  functionSchema,
  keySchema,
  metadataSchema,
  queuePolicySchema,
  queueSchema,
  roleSchema,
  ruleSchema,
} from './settings.ts';

/** A function as it is deployed. */
export interface DeployedFunction extends v.InferOutput<typeof functionSchema> {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly file: string;
  readonly exportName: string;
  readonly role: Role;
}

/** What the template's resources became. Functions, queues and schedules by logical id. */
export interface Deployment {
  readonly functions: ReadonlyMap<string, DeployedFunction>;
  readonly queues: ReadonlyMap<string, Queue>;
  readonly schedules: ReadonlyMap<string, () => void>;
  /** Names of the buses that the template makes. */
  readonly buses: readonly string[];
}

/** How a deployment reaches what runs. */
export interface DeploySettings {
  readonly templatePath: string;
  readonly place: StackPlace;
  readonly timeScale: number;
  /** Hands an event to a function without waiting for it. */
  invokeLater(functionId: string, event: unknown): void;
  scheduledEvent(ruleArn: string): EventRecord;
}

/** Makes the template's resources in the cloud. @throws UsageError that names what the sandbox does not know */
export function deploy(cloud: Cloud, resources: readonly Resource[], settings: DeploySettings): Deployment {
  const { place, timeScale } = settings;
  const state = regionState(cloud, place.account, place.region);
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  function each<Schema extends v.GenericSchema>(type: string, schema: Schema) {
    return ofType(type).map((resource) => {
      const properties = parse(schema, resource.properties, '', `Resources.${resource.id}.Properties.`);
      return { ...resource, properties: properties as v.InferOutput<Schema>, arn: resource.attributes['Arn'] ?? '' };
    });
  }

  for (const { name, properties } of each('AWS::KMS::Key', keySchema)) {
    const { Description, KeyPolicy } = properties;
    const facts = {
      Description,
      KeySpec: 'SYMMETRIC_DEFAULT',
      KeyUsage: 'ENCRYPT_DECRYPT',
      Origin: 'AWS_KMS',
    } as const;
    const made = { ...facts, MultiRegion: false, KeyState: 'Enabled', CreationDate: cloud.now() } as const;
    const key = newKey(place.account, place.region, name, { ...made, policyText: JSON.stringify(KeyPolicy) });
    state.keys.set(key.KeyId, key);
  }
  for (const { properties } of each('AWS::KMS::Alias', aliasSchema)) {
    state.aliases.set(properties.AliasName, { ...properties, CreationDate: cloud.now(), LastUpdatedDate: cloud.now() });
  }

  const queues = new Map<string, Queue>();
  const queueByArn = new Map<string, Queue>();
  const queueAt = (arn: string, at: string) => {
    const queue = queueByArn.get(arn);
    if (queue) return queue;
    throw new UsageError([`${at}: the template has no queue ${arn}`]);
  };
  const queueResources = each('AWS::SQS::Queue', queueSchema);
  for (const { id, ref, arn, attributes, properties } of queueResources) {
    const queue = new Queue(attributes['QueueName'] ?? '', arn, ref, timeScale);
    queue.visibilityTimeoutS = properties.VisibilityTimeout;
    queues.set(id, queue);
    queueByArn.set(arn, queue);
    state.queues.set(queue.name, queue);
  }
  for (const { id, arn, properties } of queueResources) {
    const { deadLetterTargetArn, maxReceiveCount = 0 } = properties.RedrivePolicy ?? {};
    if (deadLetterTargetArn) {
      queueAt(arn, id).redrive = { to: queueAt(deadLetterTargetArn, `Resources.${id}.RedrivePolicy`), maxReceiveCount };
    }
  }
  for (const { id, properties } of each('AWS::SQS::QueuePolicy', queuePolicySchema)) {
    const policy = readPolicy([properties.PolicyDocument], `Resources.${id}.Properties.PolicyDocument`);
    for (const queue of queues.values()) if (properties.Queues.includes(queue.url)) queue.policy = policy;
  }

  const roles = new Map(
    each('AWS::IAM::Role', roleSchema).map(({ id, arn, properties }) => {
      const documents = properties.Policies.map(({ PolicyDocument }) => PolicyDocument);
      return [arn, { arn, policy: readPolicy(documents, `Resources.${id}.Properties.Policies`, ANYBODY) }];
    }),
  );
  const functions = new Map<string, DeployedFunction>();
  const functionIds = new Map<string, string>();
  for (const { id, ref: name, arn, properties, metadata } of each('AWS::Serverless::Function', functionSchema)) {
    const role = roles.get(properties.Role);
    if (!role) throw new UsageError([`Resources.${id}.Properties.Role: the template has no role ${properties.Role}`]);
    const { BuildProperties } = parse(metadataSchema, metadata, '', `Resources.${id}.Metadata.`);
    const source = resolve(dirname(settings.templatePath), properties.CodeUri, BuildProperties.EntryPoints[0]);
    const sessionArn = `${role.arn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${name}`;
    functions.set(id, {
      ...properties,
      ...{ id, name, arn, file: pathToFileURL(source).href, exportName: properties.Handler.split('.')[1] ?? '' },
      role: { sessionArn, policy: role.policy, used: new Map() },
    });
    functionIds.set(arn, id);
  }

  const buses = each('AWS::Events::EventBus', v.looseObject({ Name: v.string() })).map(({ ref }) => ref);
  for (const name of ['default', ...buses]) state.buses.set(name, { rules: [], seen: [] });
  const schedules = new Map<string, () => void>();
  for (const { id, arn: ruleArn, properties } of each('AWS::Events::Rule', ruleSchema)) {
    const at = `Resources.${id}.Properties`;
    const targets = properties.Targets.map(({ Arn, DeadLetterConfig }) => {
      const functionId = functionIds.get(Arn);
      if (functionId !== undefined) return (event: EventRecord) => settings.invokeLater(functionId, event);
      const queue = queueAt(Arn, `${at}.Targets`);
      const deadLetters = DeadLetterConfig && queueAt(DeadLetterConfig.Arn, `${at}.Targets.DeadLetterConfig`);
      return (event: EventRecord) => sendToQueue(event, queue, deadLetters, ruleArn);
    });
    const bus = state.buses.get(properties.EventBusName);
    if (!bus) throw new UsageError([`${at}.EventBusName: the template has no bus ${properties.EventBusName}`]);
    if (properties.EventPattern) {
      bus.rules.push({ matches: compilePattern(properties.EventPattern, `${at}.EventPattern`), targets });
    } else {
      schedules.set(id, () => {
        const event = settings.scheduledEvent(ruleArn);
        for (const send of targets) send(event);
      });
    }
  }
  return { functions, queues, schedules, buses };
}

/** The queue's own policy must let the rule in; else the event goes to the rule's dead-letter queue, or is lost. */
function sendToQueue(event: EventRecord, queue: Queue, deadLetters: Queue | undefined, ruleArn: string): void {
  const admits = ({ policy, arn: resource }: Queue) => {
    const keys = { 'aws:sourcearn': [ruleArn], 'aws:sourceaccount': [ruleArn.split(':')[4] ?? ''] };
    const request = { action: 'sqs:SendMessage', resource, keys, service: 'events.amazonaws.com' };
    return policy !== undefined && decide(policy, request) === 'ALLOW';
  };
  const body = JSON.stringify(event);
  if (admits(queue)) queue.send(body);
  else if (deadLetters && admits(deadLetters)) {
    deadLetters.send(body, { RULE_ARN: ruleArn, TARGET_ARN: queue.arn, ERROR_CODE: 'NO_PERMISSIONS' });
  }
}
