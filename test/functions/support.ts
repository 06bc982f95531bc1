import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { onTestFinished, vi } from 'vitest';
import { startSandbox } from '../../sandbox/sandbox.ts';
import type { World } from '../../sandbox/world.ts';
import { expectValidEvent } from '../events/schemas.ts';
import { clients } from '../sandbox/support.ts';
import { aLogGroup } from '../support/builders.ts';
import { DEMO, ROOT } from '../support/logseal.ts';

export const TEMPLATE = `${ROOT}/template.yaml`;
const FILES = {
  ScanFunction: () => import('../../functions/scan.ts'),
  RemediateFunction: () => import('../../functions/remediate.ts'),
};
export type FunctionId = keyof typeof FILES;

type Line = Readonly<Record<string, unknown>>;
type Handler = (event: unknown, context: Context) => Promise<SQSBatchResponse | object>;

export interface FunctionOptions {
  /** Default: the world of the demo. */
  readonly world?: World | string;
  /** Parameters of the template. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Added to the variables that the template sets. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * A deployed function without the rest of the stack: its exported handler, with the variables that the template sets and the
 * rights of its role.
 */
export async function aFunction(id: FunctionId, options: FunctionOptions = {}) {
  const { world = DEMO, parameters = {}, environment = {} } = options;
  const stackOptions = { template: TEMPLATE, run: false, parameters: { KeyId: 'alias/logseal', ...parameters } };
  const sandbox = await startSandbox({ world, stack: stackOptions });
  onTestFinished(() => sandbox.close());
  const { stack } = sandbox;
  if (!stack) throw new Error('the sandbox has no stack');
  for (const name of Object.keys(process.env)) if (/^(AWS|LOGSEAL|POWERTOOLS)_/.test(name)) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries({ ...stack.environment(id), ...environment })) vi.stubEnv(name, value);
  const output = captureOutput();
  vi.resetModules();
  const handler = (await FILES[id]()).handler as Handler;
  let invocations = 0;
  return {
    sandbox,
    /** Invokes the handler as Lambda does. */
    invoke(event: unknown, { remainingMs = 300_000 } = {}) {
      const awsRequestId = `request-${++invocations}`;
      return handler(event, { awsRequestId, getRemainingTimeInMillis: () => remainingMs } as Context);
    },
    /** The events on the bus, each checked against its schema. */
    events(detailType?: string) {
      const events = stack.events();
      for (const event of events) expectValidEvent(event['detail-type'], event.detail);
      return (
        events
          .filter((event) => detailType === undefined || event['detail-type'] === detailType)
          // biome-ignore lint/suspicious/noExplicitAny: a test knows what its own events hold
          .map(({ detail }): any => detail)
      );
    },
    /** Every line that the function wrote. */
    lines: () => output().map((line): Line => JSON.parse(line)),
    /** The lines with a message. */
    logged: (message: string) => output().flatMap((line) => (line.includes(`"${message}"`) ? [JSON.parse(line)] : [])),
    /** The lines in CloudWatch's embedded metric format. */
    metrics: () => output().flatMap((line) => (line.includes('"_aws"') ? [JSON.parse(line)] : [])),
    keyOf: (name: string) => keyOf(sandbox, name),
    /** The items of a run in JournalTable. */
    async journal(runId: string) {
      const TableName = stack.environment('RemediateFunction')['LOGSEAL_JOURNAL_TABLE'];
      const KeyConditionExpression = 'runId = :runId';
      const ExpressionAttributeValues = { ':runId': { S: runId } };
      const query = new QueryCommand({ TableName, KeyConditionExpression, ExpressionAttributeValues });
      const { Items = [] } = await clients(sandbox).dynamodb.send(query);
      return Items.map(({ storeArn, entryId, entry }) => ({
        storeArn: storeArn?.S ?? '',
        entryId: entryId?.S ?? '',
        entry: JSON.parse(entry?.S ?? ''),
      }));
    },
  };
}

/** The key that is attached to a log group now. */
export async function keyOf(sandbox: Awaited<ReturnType<typeof startSandbox>>, name: string): Promise<string | null> {
  const input = { logGroupIdentifiers: [aLogGroup(name).name] };
  const { logGroups = [] } = await clients(sandbox).logs.send(new DescribeLogGroupsCommand(input));
  return logGroups[0]?.kmsKeyId ?? null;
}

/** Lets the SDK retry without waiting until the test ends. Its wait is a random part of a maximum. */
export function withoutWaiting(): void {
  const random = vi.spyOn(Math, 'random').mockReturnValue(0);
  onTestFinished(() => random.mockRestore());
}

/** Powertools writes to the standard streams directly. */
function captureOutput() {
  let text = '';
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      text += chunk;
      return true;
    }),
  );
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore();
    vi.unstubAllEnvs();
  });
  return () => text.split('\n').filter(Boolean);
}
