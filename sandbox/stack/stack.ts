import { setTimeout as realWait } from 'node:timers/promises';
import { formatArn } from '../../lib/domain/arn.ts';
import { UsageError } from '../../lib/errors.ts';
import { callOf, deliveryOf, type Engine } from '../dispatch.ts';
import type { Message } from '../queue.ts';
import { ask as askRole } from '../role.ts';
import { admits, newEvent, publish } from '../services/events.ts';
import { type EventRecord, partitionOf, regionState } from '../state.ts';
import { readTemplate } from '../template/template.ts';
import { invokeLater } from './asynchronous.ts';
import { type DeployedFunction, deploy } from './deploy.ts';
import { runFunction } from './function.ts';
import { startTrigger } from './queue-trigger.ts';

/** Which template to deploy, and how. */
export interface StackOptions {
  /** The template's path. */
  readonly template: string;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  /** false: the functions run elsewhere, and `/_as/FUNCTION` gives them their roles. Default: true. */
  readonly run?: boolean | undefined;
  /** Default: `logseal`. */
  readonly name?: string | undefined;
  /** Real seconds for each second that AWS waits (batching windows, visibility timeouts, retries). Default: 0.001. */
  readonly timeScale?: number | undefined;
  /** Real seconds for each second of a function's timeout. The code itself always runs in real time. Default: 1. */
  readonly timeoutScale?: number | undefined;
  /** How much the clock of an instance of a function is ahead; only with a clock that leaps. Default: not at all. */
  readonly skewMs?: ((instance: number) => number) | undefined;
}

/** A deployed template. */
export type Stack = ReturnType<typeof startStack>;

interface Place {
  readonly region: string;
  readonly url: string;
  /** Default: true. The functions of any other stack are named with it: `STACK.ScanFunction`. */
  readonly isFirst?: boolean;
}

/** Deploys a template and runs its functions. @throws UsageError that lists what is wrong with the template or its parameters */
export function startStack(engine: Engine, options: StackOptions, { region, url, isFirst = true }: Place) {
  const { template: templatePath, parameters = {}, run = true, name: stackName = 'logseal' } = options;
  const { timeScale = 0.001, timeoutScale = 1, skewMs = () => 0 } = options;
  const { cloud, account, clock } = engine;
  const actorOf = (id: string) => (isFirst ? id : `${stackName}.${id}`);
  const place = { account, region, stackName, url };
  const { buses } = regionState(cloud, account, region);
  const resources = readTemplate(templatePath, parameters, place);
  const deploySettings = { templatePath, place, timeScale, clock, invokeLater: runLater };
  const { functions, queues, schedules, buses: ownBuses } = deploy(cloud, resources, deploySettings);
  const running = new Map([...functions.values()].map((lambda) => [lambda.id, start(lambda)]));
  const triggers = run ? [...functions.values()].flatMap(triggersOf) : [];
  const stops = triggers.map(startTrigger);
  for (const [id, { role }] of functions) engine.roles.set(actorOf(id), role);
  for (const [id, { crash }] of running) engine.crashes.set(actorOf(id), crash);
  let underWay = 0;

  /** Counts pending work for `idle`. */
  async function track<T>(work: Promise<T>): Promise<T> {
    underWay++;
    return work.finally(() => underWay--);
  }

  function environmentOf({ id, name, LoggingConfig, Environment, MemorySize }: DeployedFunction) {
    return {
      ...Environment.Variables,
      AWS_ACCESS_KEY_ID: account,
      AWS_SECRET_ACCESS_KEY: 'sandbox',
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ENDPOINT_URL: `${url}/_as/${actorOf(id)}`,
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(MemorySize),
      AWS_LAMBDA_LOG_FORMAT: LoggingConfig?.LogFormat ?? 'Text',
      AWS_LAMBDA_LOG_GROUP_NAME: LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`,
      TZ: ':UTC',
    };
  }

  function start(lambda: DeployedFunction) {
    const { name, arn, file, Handler, Timeout: timeoutS, MemorySize: memoryMb } = lambda;
    const environment = environmentOf(lambda);
    const lines: string[] = [];
    const context = {
      functionName: name,
      functionVersion: '$LATEST',
      invokedFunctionArn: arn,
      memoryLimitInMB: String(memoryMb),
      logGroupName: environment.AWS_LAMBDA_LOG_GROUP_NAME,
      logStreamName: 'sandbox',
    };
    const ofInstance = (instance: number) => {
      const { AWS_ENDPOINT_URL } = environment;
      return instance === 1 ? environment : { ...environment, AWS_ENDPOINT_URL: `${AWS_ENDPOINT_URL}~${instance}` };
    };
    const code = { file, exportName: Handler.split('.')[1] ?? '', environmentOf: ofInstance, context };
    const limits = { timeoutS, timeoutScale, memoryMb, clock, skewMs };
    return { lines, environment, ...runFunction({ ...code, ...limits, onLine: (line) => void lines.push(line) }) };
  }

  /** The Lambda service receives messages and writes logs with the function's role. @returns the actions it lacks */
  function ask({ role }: DeployedFunction, resource: string, ...actions: string[]): string[] {
    return actions.filter((action) => askRole(role, { action, resource }) !== 'ALLOW');
  }

  function invoke(id: string, event: unknown, requestId?: string): Promise<unknown> {
    const lambda = named(functions, id, 'function');
    const { environment, invoke: runHandler } = named(running, id, 'function');
    const prefix = lambda.arn.replace(/:lambda:(.*):function:.*/, ':logs:$1:log-group:');
    const stream = `${prefix}${environment.AWS_LAMBDA_LOG_GROUP_NAME}:log-stream:sandbox`;
    ask(lambda, stream, 'logs:CreateLogStream', 'logs:PutLogEvents');
    if (lambda.Tracing === 'Active') ask(lambda, '*', 'xray:PutTraceSegments', 'xray:PutTelemetryRecords');
    return track(runHandler(JSON.parse(JSON.stringify(event)), requestId));
  }

  function runLater(id: string, event: unknown): void {
    const lambda = named(functions, id, 'function');
    const { MaximumRetryAttempts: maxRetries = 2, DestinationConfig } = lambda.EventInvokeConfig;
    const queue = [...queues.values()].find(({ arn }) => arn === DestinationConfig?.OnFailure.Destination);
    const onFailure = (record: unknown) => {
      if (queue && !ask(lambda, queue.arn, 'sqs:SendMessage').length) queue.send(JSON.stringify(record));
    };
    const settings = { functionArn: lambda.arn, maxRetries, timeScale, clock, onFailure };
    if (run)
      void track(invokeLater({ ...settings, invoke: (payload, requestId) => invoke(id, payload, requestId) }, event));
  }

  const busArn = (name: string) => {
    const partition = partitionOf(region);
    return formatArn({ partition, service: 'events', region, account, resource: `event-bus/${name}` });
  };

  /** The role of the rule that forwards an event of another account. */
  function forwarderOf({ account: sender, region: home, source }: EventRecord) {
    const request = { accessKeyId: sender, region: home, actingAs: undefined };
    return { ...callOf(engine, request, 'events:PutEvents'), source };
  }

  function isBusy(): boolean {
    return underWay > 0 || engine.underWay.count > 0 || triggers.some(({ queue }) => queue.messages.length > 0);
  }

  function triggersOf(lambda: DeployedFunction) {
    return Object.values(lambda.Events).map(({ Properties }) => {
      const at = `Resources.${lambda.id}.Properties.Events`;
      const queue = [...queues.values()].find(({ arn }) => arn === Properties.Queue);
      if (!queue) throw new UsageError([`${at}: the template has no queue ${Properties.Queue}`]);
      const missing = ask(lambda, queue.arn, 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes');
      const why = `The function execution role does not have permissions to call ${missing.join(', ')}`;
      if (missing.length) throw new UsageError([`${at}: ${why}`]);
      return {
        ...{ queue, region, batchSize: Properties.BatchSize },
        windowMs: Properties.MaximumBatchingWindowInSeconds * 1000 * timeScale,
        maxConcurrency: Properties.ScalingConfig.MaximumConcurrency,
        isDuplicated: ({ messageId }: Message) =>
          engine.faults.strike('sqs:ReceiveMessage', { messageId }, ['duplicate']).length > 0,
        reportsFailures: Properties.FunctionResponseTypes.length > 0,
        invoke: (event: unknown) => invoke(lambda.id, event),
      };
    });
  }

  return {
    /** Fires the schedule of the rule with this logical id, or every schedule. */
    fireSchedule(id?: string): void {
      const chosen = id === undefined ? [...schedules.values()] : [named(schedules, id, 'schedule')];
      for (const { arn, targets } of chosen) {
        const given = { source: 'aws.events', 'detail-type': 'Scheduled Event', resources: [arn], detail: {} };
        for (const send of targets) send(newEvent(place, given, cloud.now()));
      }
    },
    /**
     * Puts an event on the default bus unchanged, as AWS's own services do, for instance CloudTrail. One of another account comes to the
     * template's own buses, where its rules forward it to, if their policies admit that account.
     */
    deliver(event: EventRecord): void {
      const isOwn = event.account === account;
      for (const name of isOwn ? ['default'] : ownBuses) {
        const bus = buses.get(name);
        if (isOwn || admits(bus, forwarderOf(event), busArn(name))) publish(bus, event, deliveryOf(engine, event));
      }
    },
    /** Sends a message to a queue. A body that is not a string is sent as JSON. */
    send(queueId: string, body: unknown): void {
      named(queues, queueId, 'queue').send(typeof body === 'string' ? body : JSON.stringify(body));
    },
    /** Invokes a function and waits. @throws FunctionError */
    invoke,
    /** Resolves when nothing is pending: no invocation, no retry, and no message in a queue that invokes a function. */
    async idle(): Promise<void> {
      while (isBusy()) await realWait(2);
    },
    isBusy,
    /** Every event that came to the template's own buses. */
    events: (): EventRecord[] => ownBuses.flatMap((name) => named(buses, name, 'bus').seen),
    /** The bodies of the messages in a queue. */
    deadLetters: (queueId: string): string[] => named(queues, queueId, 'queue').messages.map(({ body }) => body),
    /** The lines that a function wrote. */
    logs: (functionId: string): string[] => [...named(running, functionId, 'function').lines],
    /** Every document in the embedded metric format that the functions wrote. */
    metrics(): Record<string, unknown>[] {
      const lines = [...running.values()].flatMap((one) => one.lines);
      return lines.filter((line) => line.startsWith('{"_aws"')).map((line) => JSON.parse(line));
    },
    /** The environment of a function. */
    environment: (functionId: string): Record<string, string> => named(running, functionId, 'function').environment,
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
