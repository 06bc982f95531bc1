import { setTimeout as wait } from 'node:timers/promises';
import { UsageError } from '../../lib/errors.ts';
import type { Engine } from '../dispatch.ts';
import type { Queue } from '../queue.ts';
import { isAllowed } from '../rights.ts';
import { newEvent, publish } from '../services/events.ts';
import { type Bus, type EventRecord, regionState } from '../state.ts';
import { readTemplate } from '../template/template.ts';
import { invokeLater } from './asynchronous.ts';
import { type DeployedFunction, deploy } from './deploy.ts';
import { runFunction } from './function.ts';
import { startTrigger } from './queue-trigger.ts';

/** Which template to wire, and how. */
export interface StackOptions {
  /** The template's path. */
  readonly template: string;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  /** false: nothing runs here, and `/_as/FUNCTION` acts by the role of a function that runs elsewhere. Default true. */
  readonly run?: boolean | undefined;
  /** Default `logseal`. */
  readonly name?: string | undefined;
  /** How long a second of AWS's own waiting (batching windows, visibility, retries) lasts. Default 0.001. */
  readonly timeScale?: number | undefined;
  /** How long a second of a function's timeout lasts; its code takes the time that it takes. Default 1. */
  readonly timeoutScale?: number | undefined;
}

/** A deployed template, with its functions running. */
export type Stack = ReturnType<typeof startStack>;

/** @throws UsageError that lists what is wrong with the template or its parameters */
export function startStack(engine: Engine, options: StackOptions, { region, url }: { region: string; url: string }) {
  const { template: templatePath, parameters = {}, run = true, name: stackName = 'logseal' } = options;
  const { timeScale = 0.001, timeoutScale = 1 } = options;
  const { cloud, account } = engine;
  const place = { account, region, stackName, url };
  const state = regionState(cloud, account, region);
  const lines = new Map<string, string[]>();
  let underWay = 0;
  async function track<T>(work: Promise<T>): Promise<T> {
    underWay++;
    return work.finally(() => underWay--);
  }

  const deployment = deploy(cloud, readTemplate(templatePath, parameters, place), {
    ...{ templatePath, place, timeScale },
    invokeLater: (id, event) => void track(runLater(id, event)),
    scheduledEvent: (ruleArn) =>
      newEvent(
        place,
        { source: 'aws.events', 'detail-type': 'Scheduled Event', resources: [ruleArn], detail: {} },
        cloud.now(),
      ),
  });
  engine.roles = new Map([...deployment.functions].map(([id, { role }]) => [id, role]));
  const running = new Map([...deployment.functions].map(([id, lambda]) => [id, runFunction(settingsOf(lambda))]));
  const triggers = run ? [...deployment.functions.values()].flatMap(triggersOf) : [];
  const stops = triggers.map(startTrigger);

  function environmentOf({ id, name, LoggingConfig, Environment, MemorySize }: DeployedFunction) {
    return {
      ...Environment.Variables,
      AWS_ACCESS_KEY_ID: account,
      AWS_SECRET_ACCESS_KEY: 'sandbox',
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ENDPOINT_URL: `${url}/_as/${id}`,
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(MemorySize),
      AWS_LAMBDA_LOG_FORMAT: LoggingConfig?.LogFormat ?? 'Text',
      AWS_LAMBDA_LOG_GROUP_NAME: LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`,
      TZ: ':UTC',
    };
  }

  function settingsOf(lambda: DeployedFunction) {
    const { id, name, arn, file, exportName, Timeout, MemorySize } = lambda;
    const environment = environmentOf(lambda);
    const written: string[] = [];
    lines.set(id, written);
    return {
      ...{ file, exportName, functionName: name, arn, environment, timeScale, timeoutScale },
      logGroup: environment.AWS_LAMBDA_LOG_GROUP_NAME,
      timeoutS: Timeout,
      memoryMb: MemorySize,
      onLine: (line: string) => void written.push(line),
    };
  }

  /** The Lambda service takes messages, and writes logs and traces, by the function's own role. */
  function ask(lambda: DeployedFunction, resource: string, ...actions: string[]): string[] {
    return actions.filter((action) => !isAllowed(lambda.role, { action, resource }));
  }

  function invoke(id: string, event: unknown): Promise<unknown> {
    const lambda = named(deployment.functions, id, 'function');
    const { logGroup } = { logGroup: environmentOf(lambda).AWS_LAMBDA_LOG_GROUP_NAME };
    const logs = `${lambda.arn.split(':function:')[0]?.replace(':lambda:', ':logs:')}:log-group:${logGroup}:log-stream:x`;
    ask(lambda, logs, 'logs:CreateLogStream', 'logs:PutLogEvents');
    if (lambda.Tracing === 'Active') ask(lambda, '*', 'xray:PutTraceSegments', 'xray:PutTelemetryRecords');
    return track(named(running, id, 'function').invoke(JSON.parse(JSON.stringify(event))));
  }

  async function runLater(id: string, event: unknown): Promise<void> {
    const lambda = named(deployment.functions, id, 'function');
    const { MaximumRetryAttempts = 2, DestinationConfig } = lambda.EventInvokeConfig;
    const destination = DestinationConfig?.OnFailure.Destination;
    const queue = [...deployment.queues.values()].find(({ arn }) => arn === destination);
    const onFailure = (record: unknown) => {
      if (queue && !ask(lambda, queue.arn, 'sqs:SendMessage').length) queue.send(JSON.stringify(record));
    };
    const settings = { functionArn: lambda.arn, maxRetries: MaximumRetryAttempts, timeScale, onFailure };
    if (run) await invokeLater({ ...settings, invoke: (payload) => invoke(id, payload) }, event);
  }

  function triggersOf(lambda: DeployedFunction) {
    return Object.values(lambda.Events).map(({ Properties }) => {
      const queue = [...deployment.queues.values()].find(({ arn }) => arn === Properties.Queue);
      const at = `Resources.${lambda.id}.Properties.Events`;
      if (!queue) throw new UsageError([`${at}: the template has no queue ${Properties.Queue}`]);
      const actions = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
      const missing = ask(lambda, queue.arn, ...actions).map((action) => action.replace('sqs:', ''));
      if (missing.length) {
        const why = `The function execution role does not have permissions to call ${missing.join(', ')} on SQS`;
        throw new UsageError([`${at}: ${why}`]);
      }
      return {
        ...{ queue, region, batchSize: Properties.BatchSize },
        windowMs: Properties.MaximumBatchingWindowInSeconds * 1000 * timeScale,
        maxConcurrency: Properties.ScalingConfig.MaximumConcurrency,
        reportsFailures: Properties.FunctionResponseTypes.length > 0,
        invoke: (event: unknown) => invoke(lambda.id, event),
      };
    });
  }

  const busNamed = (name: string): Bus => named(state.buses, name, 'bus');
  return {
    /** Fires the schedule of a rule, by logical id; without one every schedule. */
    fireSchedule(id?: string): void {
      const chosen =
        id === undefined ? [...deployment.schedules.values()] : [named(deployment.schedules, id, 'schedule')];
      for (const fire of chosen) fire();
    },
    /** Puts an event on the default bus as it is: what AWS's own services send, CloudTrail for one. */
    deliver(event: EventRecord): void {
      const isTwice = engine.strike('events:PutEvents', event, 'ENTRY').some(({ kind }) => kind === 'duplicate');
      for (let copy = 0; copy < (isTwice ? 2 : 1); copy++) publish(busNamed('default'), event);
    },
    /** Puts a message into a queue. A body that is no text is written as JSON. */
    send(queueId: string, body: unknown): void {
      named(deployment.queues, queueId, 'queue').send(typeof body === 'string' ? body : JSON.stringify(body));
    },
    /** Invokes a function and waits. @throws FunctionError */
    invoke,
    /** Resolves once nothing is under way: no invocation, retry, or message in a queue that a function takes from. */
    async idle(): Promise<void> {
      while (underWay > 0 || triggers.some(({ queue }) => queue.messages.length > 0)) await wait(2);
    },
    /** Everything that came to the template's own buses. */
    events: (): EventRecord[] => deployment.buses.flatMap((name) => busNamed(name).seen),
    /** The bodies of the messages that wait in a queue. */
    deadLetters: (queueId: string): string[] =>
      named<Queue>(deployment.queues, queueId, 'queue').messages.map(({ body }) => body),
    /** What a function wrote, line by line. */
    logs: (functionId: string): string[] => [...named(lines, functionId, 'function')],
    /** Every document of the embedded metric format that a function wrote. */
    metrics: (): Record<string, unknown>[] =>
      [...lines.values()].flat().flatMap((line) => (line.includes('"_aws"') ? [JSON.parse(line)] : [])),
    /** What a function finds in `process.env`. */
    environment: (functionId: string): Record<string, string> =>
      environmentOf(named(deployment.functions, functionId, 'function')),
    async close(): Promise<void> {
      for (const stop of stops) stop();
      await Promise.all([...running.values()].map(({ close }) => close()));
    },
  };
}

function named<Value>(map: ReadonlyMap<string, Value>, name: string, kind: string): Value {
  const value = map.get(name);
  if (value !== undefined) return value;
  throw new UsageError([`The template has no ${kind} ${name}, only ${[...map.keys()].join(', ')}`]);
}
