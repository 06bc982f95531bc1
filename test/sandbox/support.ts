import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { STSClient } from '@aws-sdk/client-sts';
import { onTestFinished } from 'vitest';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/sandbox.ts';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';
/** The path of a small template. */
export const FIXTURE = resolve(import.meta.dirname, 'fixtures/template.yaml');

/** A copy of the fixture with changes to its text, each from a key to its value. @returns its path */
export function changedFixture(changes: Readonly<Record<string, string>>): string {
  let text = readFileSync(FIXTURE, 'utf8').replace('functions/', resolve(FIXTURE, '../functions'));
  for (const [from, to] of Object.entries(changes)) {
    if (!text.includes(from)) throw new Error(`The fixture has no ${from}`);
    text = text.replace(from, to);
  }
  const directory = mkdtempSync(join(tmpdir(), 'logseal-fixture-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'template.yaml'), text);
  return join(directory, 'template.yaml');
}

/** A sandbox with unmodified SDK clients, closed when the test is over. */
export async function aSandbox(options: SandboxOptions = {}) {
  const world = typeof options.world === 'string' ? options.world : { region: REGION, ...options.world };
  const sandbox = await startSandbox({ ...options, world });
  onTestFinished(() => sandbox.close());
  return { sandbox, ...clients(sandbox) };
}

interface Caller {
  /** An account id, or the name of a role. */
  readonly account?: string;
  readonly region?: string;
  readonly maxAttempts?: number;
  /** `/_as/FUNCTION` gives the caller that function's role. */
  readonly path?: string;
}

export function clientConfig(sandbox: Sandbox, caller: Caller = {}) {
  const { account = ACCOUNT, region = REGION, maxAttempts = 1, path = '' } = caller;
  const credentials = { accessKeyId: account, secretAccessKey: 'sandbox' };
  return { endpoint: `${sandbox.url}${path}`, region, credentials, maxAttempts };
}

export function clients(sandbox: Sandbox, caller: Caller = {}) {
  const config = clientConfig(sandbox, caller);
  return {
    logs: new CloudWatchLogsClient(config),
    kms: new KMSClient(config),
    sts: new STSClient(config),
    iam: new IAMClient(config),
    dynamodb: new DynamoDBClient(config),
  };
}

export function putEvents(sandbox: Sandbox, Entries: PutEventsRequestEntry[], path = '', account = ACCOUNT) {
  return new EventBridgeClient(clientConfig(sandbox, { path, account })).send(new PutEventsCommand({ Entries }));
}

/** The name and the message of the error that a call fails with, or `no error`. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'no error',
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

/** AWS's documented key policy for log groups. */
export function logsPolicy(logGroups = '*') {
  const context = {
    'kms:EncryptionContext:aws:logs:arn': `arn:{partition}:logs:{region}:{home}:log-group:${logGroups}`,
  };
  return {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: 'arn:{partition}:iam::{account}:root' }, Action: 'kms:*', Resource: '*' },
      {
        Effect: 'Allow',
        Principal: { Service: 'logs.{region}.amazonaws.com' },
        Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
        Resource: '*',
        Condition: { ArnLike: context },
      },
    ],
  };
}
