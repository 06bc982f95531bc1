import { join } from 'node:path';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { inject } from 'vitest';
import type { MetricLine } from '../support/alarm.ts';
import { ROOT } from '../support/logseal.ts';
import { ACCOUNT, REGION } from './place.ts';
import { queueAt } from './queue.ts';
import { forEmulator, sam } from './sam.ts';
import { type Endpoint, signedCall } from './signed-call.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the emulator listens. */
    emulatorUrl: string;
    /** The path of the built template. */
    builtTemplate: string;
  }
}

export type Parameters = Readonly<Record<string, string>>;

/** The emulator that the script started, as the root of an account. Every account exists. */
export function emulator(account = ACCOUNT) {
  const credentials = { accessKeyId: account, secretAccessKey: 'test' };
  const endpoint: Endpoint = { url: inject('emulatorUrl'), region: REGION, credentials };
  const client = { endpoint: endpoint.url, region: REGION, credentials };
  return {
    endpoint,
    logs: new CloudWatchLogsClient(client),
    kms: new KMSClient(client),
    events: new EventBridgeClient(client),
    dynamodb: new DynamoDBClient(client),
    iam: new IAMClient(client),
    sts: new STSClient(client),
    ssm: new SSMClient(client),
  };
}

/** A stack that `sam deploy` deployed from template.yaml. */
export interface Deployment {
  /** The physical ids of its resources, by logical id. */
  readonly ids: Readonly<Record<string, string>>;
  queue(logicalId: string): ReturnType<typeof queueAt>;
  /** Invokes a function and waits. @throws Error with the function's error */
  invoke(logicalId: string, event: unknown): Promise<unknown>;
  /** Switches whether a queue invokes its function. */
  setTriggerEnabled(logicalId: string, isEnabled: boolean): Promise<void>;
}

/**
 * Creates or updates a stack.
 * @param sandboxUrl the endpoint for CloudWatch Logs and KMS
 */
export async function deploy(name: string, parameters: Parameters, sandboxUrl: string): Promise<Deployment> {
  const { endpoint } = emulator();
  const template = await forEmulator(inject('builtTemplate'), name, (functionId) => `${sandboxUrl}/_as/${functionId}`);
  await samDeploy({ name, template, parameters, more: ['--resolve-s3', '--capabilities', 'CAPABILITY_IAM'] });
  const ids = await physicalIds(name, endpoint);
  const idOf = (logicalId: string) => {
    const id = ids[logicalId];
    if (id) return id;
    throw new Error(`The stack has no ${logicalId}, only ${Object.keys(ids).join(', ')}`);
  };
  return {
    ids,
    queue: (logicalId) => queueAt(endpoint, idOf(logicalId)),
    async invoke(logicalId, event) {
      const path = `/2015-03-31/functions/${idOf(logicalId)}/invocations`;
      const response = await signedCall(endpoint, { service: 'lambda', path, body: JSON.stringify(event) });
      const payload = await response.text();
      if (response.headers.get('x-amz-function-error')) throw new Error(payload);
      return payload ? JSON.parse(payload) : undefined;
    },
    async setTriggerEnabled(logicalId, Enabled) {
      const path = `/2015-03-31/event-source-mappings/${idOf(logicalId)}`;
      await signedCall(endpoint, { service: 'lambda', method: 'PUT', path, body: JSON.stringify({ Enabled }) });
    },
  };
}

/** Creates or updates a stack in a member account from a template of deploy/, as it is. */
export async function deployInMember(
  name: 'member-role' | 'member-events',
  account: string,
  parameters: Parameters,
): Promise<void> {
  const template = join(ROOT, 'deploy', `${name}.yaml`);
  await samDeploy({ name, template, parameters, more: ['--capabilities', 'CAPABILITY_NAMED_IAM'] }, account);
}

interface StackToDeploy {
  readonly name: string;
  readonly template: string;
  readonly parameters: Parameters;
  readonly more: readonly string[];
}

async function samDeploy({ name, template, parameters, more }: StackToDeploy, account = ACCOUNT): Promise<void> {
  const given = Object.entries(parameters).map(([parameter, value]) => `${parameter}="${value}"`);
  const what = ['--template-file', template, '--stack-name', name, '--parameter-overrides', ...given];
  await sam(['deploy', ...what, ...more, '--no-confirm-changeset'], emulator(account).endpoint);
}

/** The outputs of a stack of the emulator's default account. */
export async function outputsOf(name: string): Promise<Readonly<Record<string, string>>> {
  const text = await sam(['list', 'stack-outputs', '--stack-name', name, '--output', 'json'], emulator().endpoint);
  const outputs: { OutputKey: string; OutputValue: string }[] = JSON.parse(text);
  return Object.fromEntries(outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
}

/** The JSON documents that a function logged. */
export async function logLines(logGroupName: string | undefined): Promise<Record<string, unknown>[]> {
  const { events = [] } = await emulator().logs.send(new FilterLogEventsCommand({ logGroupName }));
  return events.flatMap(({ message = '' }) => (message.startsWith('{') ? [JSON.parse(message)] : []));
}

/** The documents in the embedded metric format that a function logged, from which CloudWatch makes its metrics. */
export async function metricLines(logGroupName: string | undefined): Promise<MetricLine[]> {
  return (await logLines(logGroupName)).filter((line): line is MetricLine => '_aws' in line);
}

/** Writes a configuration file where functions read it. */
export async function writeParameter(Name: string, Value: string): Promise<void> {
  await emulator().ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }));
}

/** Deletes a stack as an operator would. */
export async function remove(name: string): Promise<void> {
  await sam(['delete', '--stack-name', name, '--no-prompts', '--region', REGION], emulator().endpoint);
}

async function physicalIds(name: string, endpoint: Endpoint): Promise<Record<string, string>> {
  const text = await sam(['list', 'resources', '--stack-name', name, '--output', 'json'], endpoint);
  const resources: { LogicalResourceId: string; PhysicalResourceId: string }[] = JSON.parse(text);
  return Object.fromEntries(resources.map((entry) => [entry.LogicalResourceId, entry.PhysicalResourceId]));
}
