import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { onTestFinished } from 'vitest';
import { SEVERITIES } from '../../lib/domain/catalogue-entry.ts';
import { KEY_POLICY_CODES, REASON_CODES, REFUSAL_CODES } from '../../lib/domain/reasons.ts';
import { alibabaKeyId } from '../../sandbox/alibaba/state.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { World } from '../../sandbox/world.ts';
import { REGION, ROLE, rpcClients, slsClient } from '../sandbox/alibaba-support.ts';
import { costSchema, problem } from './documents.ts';
import { aDesk, journalOf, linesOf, type Ran, type RunOptions } from './logseal.ts';

export { REGION, ROLE } from '../sandbox/alibaba-support.ts';

export const BEIJING = 'cn-beijing';
export const ACCOUNT = '1234567890123456';
/** The journal where the role names the account. */
export const JOURNAL = journalOf(ACCOUNT);
/** The journal where nothing names it. */
export const NAMELESS_JOURNAL = journalOf('alibaba');
export const HERE = `--provider alibaba --region ${REGION}`;
/** The configured key, which worlds call `mine`. */
export const KEY = alibabaKeyId(REGION, 'mine');
/** Seals with it. */
export const SEALING = `${HERE} --key ${KEY} --sls-role-arn ${ROLE}`;

type Alibaba = NonNullable<World['alibaba']>;
type Region = NonNullable<Alibaba['regions']>[string];
type Stores = NonNullable<Region['projects']>[string];

/** The id of a key in `cn-hangzhou`, by its nickname. */
export function keyId(nickname: string, region = REGION): string {
  return alibabaKeyId(region, nickname);
}

/** A world of the project `app-logs` in `cn-hangzhou`, with keys in every state. */
export function aLogstoreWorld(stores: Stores, { alibaba, ...world }: World = {}, region: Region = {}): World {
  const keys = {
    mine: {},
    other: {},
    disabled: { state: 'Disabled' },
    dying: { state: 'PendingDeletion' },
    gone: { exists: false },
    rsa: { spec: 'RSA_2048' },
    signing: { usage: 'SIGN/VERIFY' },
    ...region.keys,
  } as const;
  const { projects = {}, bulk = [] } = region;
  const here = { keys, projects: { 'app-logs': stores, ...projects }, bulk };
  return { ...world, alibaba: { ...alibaba, regions: { [REGION]: here, ...alibaba?.regions } } };
}

/** A sandbox, a directory, the command in both, and the unmodified SDK as somebody else uses it. */
export async function aLogstoreDesk(...world: Parameters<typeof aLogstoreWorld>) {
  const desk = await aDesk(aLogstoreWorld(...world));
  const sls = slsClient(desk.sandbox);
  return {
    ...desk,
    sls,
    ...rpcClients(desk.sandbox),
    /** What SLS says of a Logstore's encryption, in short: `on mine-id`, `off service-key`, `never`. */
    async state(name: string): Promise<string> {
      const [project = '', logstore = ''] = name.split('/');
      const conf = (await sls.getLogStore(project, logstore)).body?.encryptConf;
      return conf ? `${conf.enable ? 'on' : 'off'} ${conf.userCmkInfo?.cmkKeyId || 'service-key'}` : 'never';
    },
    async json<T extends v.GenericSchema>(schema: T, words: string, options: RunOptions = {}) {
      const ran = await desk.run(`${words} --format json --quiet`, options);
      return { ...ran, document: readDocument(schema, ran) };
    },
    async journal(): Promise<v.InferOutput<typeof journalSchema>[]> {
      if (!(await desk.files()).includes(JOURNAL)) return [];
      return v.parse(v.array(journalSchema), linesOf(await desk.read(JOURNAL)));
    },
  };
}

function readDocument<T extends v.GenericSchema>(schema: T, { stdout, stderr }: Ran): v.InferOutput<T> {
  if (stdout === '') throw new Error(`no document, but: ${stderr}`);
  return v.parse(schema, JSON.parse(stdout));
}

/** One request as it passed the relay. */
export interface Passed {
  /** `PUT app-logs /logstores/a-store/encryption`, `DescribeKey` */
  readonly line: string;
  readonly body: unknown;
}

/** What may be done to what passes. */
export interface RelayOptions {
  /** Before a request goes on. */
  readonly before?: (passed: Passed) => Promise<void>;
  /** Makes another answer of one. */
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what its own answers hold
  readonly answer?: (passed: Passed, body: any) => unknown;
}

/** Stands between the command and the sandbox, and keeps what was sent. @returns the environment that leads to it */
export async function aRelay({ sandbox }: { sandbox: Sandbox }, { before, answer }: RelayOptions = {}) {
  const requests: Passed[] = [];
  const server = createServer(async (incoming, response) => {
    const { method, url: path, headers } = incoming;
    const sent = await text(incoming);
    const [, project = ''] = /^(.+)\.sls@/.exec(headers.host ?? '') ?? [];
    const line = headers['x-acs-action'] ? String(headers['x-acs-action']) : `${method} ${project} ${path}`;
    const passed = { line, body: sent === '' ? undefined : JSON.parse(sent) };
    requests.push(passed);
    await before?.(passed);
    const outgoing = request({ host: '127.0.0.1', port: sandbox.port, method, path, headers });
    outgoing.end(sent);
    const [answered] = await once(outgoing, 'response');
    const body = await text(answered);
    const changed = answer && body !== '' ? JSON.stringify(answer(passed, JSON.parse(body))) : body;
    response.writeHead(answered.statusCode, { 'content-type': 'application/json' }).end(changed);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    requests,
    changes: () => requests.filter(({ line }) => line.startsWith('PUT')),
    env: { LOGSEAL_SLS_ENDPOINT: url, LOGSEAL_ALIBABA_KMS_ENDPOINT: url, LOGSEAL_ALIBABA_RAM_ENDPOINT: url },
  };
}

/** The documents that other programs read, field by field. */
const time = v.pipe(v.string(), v.isoTimestamp());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const nonEmpty = v.pipe(v.string(), v.minLength(1));
const run = v.strictObject({ id: v.pipe(v.string(), v.uuid()), startedAt: time, finishedAt: time });
const scanStatus = v.picklist(['COMPLETE', 'PARTIAL', 'FAILED']);
const failure = v.strictObject({ code: nonEmpty, message: nonEmpty });
const place = { provider: v.literal('alibaba'), account: v.pipe(v.string(), v.regex(/^\d*$/)), region: nonEmpty };
const target = v.strictObject({
  ...place,
  status: v.picklist(['COMPLETE', 'FAILED']),
  error: v.nullable(failure),
  stores: count,
  caller: v.optional(nonEmpty),
  apiCalls: v.record(v.pipe(v.string(), v.regex(/^(log|kms|ram):\w+$/)), count),
});
const store = {
  ...place,
  type: v.literal('logstore'),
  name: v.pipe(v.string(), v.regex(/^[a-z0-9_-]+\/[a-z0-9_-]+$/)),
  arn: v.pipe(v.string(), v.startsWith('acs:log:')),
};
export const findingSchema = v.strictObject({
  ...store,
  status: v.picklist(['COMPLIANT', 'NON_COMPLIANT', 'UNKNOWN']),
  severity: v.nullable(v.picklist(SEVERITIES)),
  reasons: v.array(problem(REASON_CODES)),
  warnings: v.tuple([]),
  keyArn: v.nullable(nonEmpty),
  exemption: v.null(),
  fixed: v.exactOptional(v.strictObject({ keyArn: nonEmpty, region: v.nullable(nonEmpty) })),
});
const scanTotals = {
  status: scanStatus,
  run,
  config: v.null(),
  summary: v.strictObject({
    stores: count,
    compliant: count,
    nonCompliant: count,
    exempt: v.literal(0),
    unknown: count,
    filtered: count,
    byReason: v.record(v.picklist(REASON_CODES), count),
    bySeverity: v.record(v.picklist(SEVERITIES), count),
  }),
  targets: v.array(target),
  exemptions: v.tuple([]),
};
export const scanSchema = v.strictObject({
  schema: v.literal('logseal/scan/1'),
  ...scanTotals,
  findings: v.array(findingSchema),
});
export const scanSummarySchema = v.strictObject({ schema: v.literal('logseal/scan-summary/1'), ...scanTotals });

const step = {
  store: v.strictObject(store),
  action: v.picklist(['SEAL', 'UNSEAL', 'NONE']),
  fromKeyArn: v.nullable(nonEmpty),
  toKeyArn: v.nullable(nonEmpty),
  severity: v.optional(v.nullable(v.picklist(SEVERITIES))),
  refusal: v.nullable(problem(REFUSAL_CODES)),
  skippedBy: v.optional(v.literal('LIMIT')),
  warnings: v.array(problem(KEY_POLICY_CODES)),
  irreversible: v.exactOptional(v.literal(true)),
};
const key = {
  configured: nonEmpty,
  required: v.boolean(),
  roleArn: v.exactOptional(v.pipe(v.string(), v.startsWith('acs:ram::'))),
};
const keyInTarget = v.strictObject({
  ...place,
  configured: nonEmpty,
  keyArn: v.nullable(nonEmpty),
  refusals: v.array(problem(REFUSAL_CODES)),
  warnings: v.tuple([]),
  problems: v.tuple([]),
});
export const planSchema = v.strictObject({
  schema: v.literal('logseal/plan/1'),
  status: scanStatus,
  run,
  config: v.null(),
  exemptions: v.tuple([]),
  key: v.strictObject({ ...key, targets: v.array(keyInTarget) }),
  targets: v.array(target),
  filtered: count,
  cost: costSchema,
  steps: v.array(v.strictObject(step)),
});
const outcomeStep = v.strictObject({
  ...step,
  outcome: v.picklist(['SEALED', 'UNSEALED', 'UNCHANGED', 'REFUSED', 'FAILED', 'SKIPPED']),
  error: v.nullable(failure),
});
const outcomeTotals = { run, planRunId: nonEmpty, targets: v.array(target), steps: v.array(outcomeStep) };
export const outcomeSchema = v.strictObject({
  schema: v.literal('logseal/outcome/1'),
  ...outcomeTotals,
  filtered: count,
  key: v.strictObject(key),
});
export const undoSchema = v.strictObject({
  schema: v.literal('logseal/outcome/1'),
  ...outcomeTotals,
  key: v.null(),
  policies: v.tuple([]),
});
export const journalSchema = v.strictObject({
  schema: v.literal('logseal/journal/1'),
  runId: v.pipe(v.string(), v.uuid()),
  time,
  actor: v.literal('acs:ram:*:access-key/sandbox'),
  store: v.strictObject(store),
  change: v.literal('KEY'),
  from: v.nullable(nonEmpty),
  to: v.nullable(nonEmpty),
  phase: v.picklist(['INTENT', 'DONE', 'FAILED']),
  error: v.nullable(nonEmpty),
});
