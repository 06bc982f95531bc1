import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paginateDescribeLogGroups } from '@aws-sdk/client-cloudwatch-logs';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { expect, onTestFinished } from 'vitest';
import type { LeapingClock } from '../../sandbox/leaping-clock.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import type { World } from '../../sandbox/world.ts';
import type { AnEvent } from '../events/samples.ts';
import { expectValidEvent } from '../events/schemas.ts';
import { clients } from '../sandbox/support.ts';
import { ACCOUNT, REGION } from '../support/builders.ts';
import { aWorld, DEMO, ROOT } from '../support/logseal.ts';
import { TEMPLATE } from './support.ts';

export interface Deployment {
  readonly world?: World | string;
  readonly mode?: 'Audit' | 'Enforce';
  readonly parameters?: Readonly<Record<string, string>>;
  readonly template?: string;
  readonly timeScale?: number;
  /** Real seconds for each second of a function's timeout. */
  readonly timeoutScale?: number;
  /** Default: real time. */
  readonly clock?: LeapingClock;
}

/** The deployed template with everything running: schedule, bus, rules, queues, and functions with the rights of their roles. */
export async function aStack({
  world = DEMO,
  mode = 'Audit',
  parameters = {},
  template = TEMPLATE,
  clock,
  ...more
}: Deployment = {}) {
  const given = { KeyId: 'alias/logseal', Mode: mode, ...parameters };
  const sandbox = await startSandbox({
    world,
    ...(clock && { clock }),
    stack: { template, parameters: given, ...more },
  });
  onTestFinished(() => sandbox.close());
  const { stack } = sandbox;
  if (!stack) throw new Error('the sandbox has no stack');
  const { logs } = clients(sandbox);
  const credentials = { accessKeyId: ACCOUNT, secretAccessKey: 'sandbox' };
  const eventBridge = new EventBridgeClient({ endpoint: sandbox.url, region: REGION, credentials });
  /** The events of one type on the bus. Every event is checked against its schema. */
  const events = (detailType: string) => {
    for (const event of stack.events())
      if (event.source === 'logseal' && !forged.has(JSON.stringify(event.detail)))
        expectValidEvent(event['detail-type'], event.detail);
    // biome-ignore lint/suspicious/noExplicitAny: a test knows what its own events hold
    return stack.events().flatMap((event): any[] => (event['detail-type'] === detailType ? [event.detail] : []));
  };
  const forged = new Set<string>();
  return {
    sandbox,
    stack,
    events,
    outcomes: () => events('Remediation Outcome'),
    /** The key of each log group, by its name. */
    async keys(): Promise<Record<string, string | null>> {
      const keys = new Map<string, string | null>();
      for await (const { logGroups = [] } of paginateDescribeLogGroups({ client: logs }, {})) {
        for (const { logGroupName = '', kmsKeyId = null } of logGroups) keys.set(logGroupName, kmsKeyId);
      }
      return Object.fromEntries(keys);
    },
    async schedule() {
      stack.fireSchedule();
      await stack.idle();
    },
    /** Delivers events on the default bus, as AWS services do. */
    async deliver(...delivered: AnEvent[]) {
      for (const event of delivered) stack.deliver(event as Parameters<typeof stack.deliver>[0]);
      await stack.idle();
    },
    async queue(id: 'ScanQueue' | 'RemediateQueue', ...bodies: unknown[]) {
      for (const body of bodies) stack.send(id, body);
      await stack.idle();
    },
    /** Puts events on logseal's bus that logseal did not send. */
    async forge(...events: AnEvent[]) {
      const Entries = events.map(({ 'detail-type': DetailType, detail }) => {
        forged.add(JSON.stringify(detail));
        return { EventBusName: 'logseal', Source: 'logseal', DetailType, Detail: JSON.stringify(detail) };
      });
      for (let at = 0; at < Entries.length; at += 10) {
        await eventBridge.send(new PutEventsCommand({ Entries: Entries.slice(at, at + 10) }));
      }
      await stack.idle();
    },
    changes: () => sandbox.calls()['logs:AssociateKmsKey'] ?? 0,
    noDeadLetters() {
      expect(stack.deadLetters('ScanDeadLetterQueue')).toEqual([]);
      expect(stack.deadLetters('RemediateDeadLetterQueue')).toEqual([]);
    },
  };
}

/** A copy of the template with one text replaced. */
export function changedTemplate(from: string, to: string): string {
  const text = readFileSync(TEMPLATE, 'utf8').replace('CodeUri: functions/', `CodeUri: ${ROOT}/functions/`);
  expect(text).toContain(from);
  const path = join(mkdtempSync(join(tmpdir(), 'logseal-')), 'template.yaml');
  writeFileSync(path, text.replace(from, to));
  return path;
}

/** One log group without a key, one with a disabled key and one with the configured key. */
export const aSmallWorld = () =>
  aWorld({ groups: { '/app/a': null, '/app/b': 'disabled', '/app/healthy': 'logseal' } });
/** Counts the outcomes of each kind. */
export const countBy = (details: readonly { outcome: string }[]) =>
  Object.fromEntries(
    [...Map.groupBy(details, ({ outcome }) => outcome)].map(([outcome, all]) => [outcome, all.length]),
  );
