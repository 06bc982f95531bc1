import { PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { emulator } from './deployment.ts';
import { createQueue } from './queue.ts';
import type { BusEvent } from './samples.ts';
import { until } from './until.ts';

interface Wanted {
  /** Only events of functions in this mode. */
  readonly mode?: string;
  readonly withinMs?: number;
}

/**
 * Collects every event that logseal sends, with a rule on its bus and a queue, as an operator would add them.
 */
export async function watchBus(busName: string) {
  const { endpoint, events } = emulator();
  const queue = await createQueue(endpoint, `watch-${busName}`);
  const { QueueArn = '' } = await queue.attributes();
  const rule = { Name: `watch-${busName}`, EventBusName: busName };
  const { RuleArn } = await events.send(
    new PutRuleCommand({ ...rule, EventPattern: JSON.stringify({ source: ['logseal'] }) }),
  );
  const send = { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage' };
  const Statement = [{ ...send, Resource: QueueArn, Condition: { ArnEquals: { 'aws:SourceArn': RuleArn } } }];
  await queue.setAttributes({ Policy: JSON.stringify({ Version: '2012-10-17', Statement }) });
  await events.send(
    new PutTargetsCommand({ Rule: rule.Name, EventBusName: busName, Targets: [{ Id: 'watch', Arn: QueueArn }] }),
  );
  const seen: BusEvent[] = [];
  const receive = async () => {
    for (const { Body, ReceiptHandle } of await queue.receive()) {
      seen.push(JSON.parse(Body));
      await queue.delete(ReceiptHandle);
    }
  };
  return {
    /** Waits for a number of events of a detail type and returns them. Forgets all other events that came until then. */
    async take(detailType: string, count: number, { mode, withinMs = 30_000 }: Wanted = {}) {
      const taken = await until(`${count} events ${detailType}`, withinMs, async () => {
        await receive();
        const ofType = seen.filter((event) => event['detail-type'] === detailType).map(({ detail }) => detail);
        const wanted = ofType.filter((detail) => mode === undefined || detail['mode'] === mode);
        return wanted.length >= count && wanted;
      });
      seen.length = 0;
      return taken;
    },
  };
}

export type BusWatch = Awaited<ReturnType<typeof watchBus>>;
