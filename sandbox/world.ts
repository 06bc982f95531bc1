import { readFileSync } from 'node:fs';
import { LogGroupClass } from '@aws-sdk/client-cloudwatch-logs';
import { KeyManagerType, KeySpec, KeyState, KeyUsageType } from '@aws-sdk/client-kms';
import * as v from 'valibot';
import { parseDocument } from 'yaml';
import { logsPrincipalMistake, regionMistake } from '../lib/domain/providers/aws.ts';
import { isLogGroupName } from '../lib/domain/stores/log-group.ts';
import { UsageError } from '../lib/errors.ts';
import { ALIBABA_CALLS } from './alibaba/services.ts';
import { alibabaNicknames, alibabaSchema } from './alibaba/world.ts';
import { ENTRY_KINDS } from './entry-kind.ts';
import { ANYBODY, readPolicy } from './iam.ts';
import { noneNamed, parse, strict } from './parse.ts';
import type { Quotas } from './quotas.ts';
import { CALLS as AWS_CALLS } from './services/index.ts';
import { parameterName } from './services/ssm.ts';

const CALLS = [...AWS_CALLS, ...ALIBABA_CALLS];
const SERVICE_CALLS = [...new Set(CALLS.map((call) => `${call.split(':')[0]}:*`))];
const account = v.pipe(v.string('expected twelve digits in quotes'), v.regex(/^\d{12}$/, 'expected twelve digits'));
const region = v.pipe(
  v.string(),
  v.check((text) => !regionMistake(text), 'expected a Region such as eu-west-1'),
);
const groupName = v.pipe(v.string(), v.check(isLogGroupName, 'expected the name of a log group'));
const logsPrincipal = v.pipe(
  v.string(),
  v.check((text) => !logsPrincipalMistake(text), 'expected logs.REGION.SUFFIX'),
);
const aliasName = v.pipe(v.string(), v.regex(/^alias\/[a-zA-Z0-9/_-]+$/, 'expected alias/NAME'));
const functionName = v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/, 'expected the name of a function'));
const secret = strict({ secret: v.string() });
const whole = v.pipe(v.number(), v.integer(), v.minValue(0));
const minutes = v.pipe(v.number(), v.minValue(0));
const mapping = v.record(v.string(), v.unknown());
const place = { account: v.optional(account), region: v.optional(region) };
const textOr = (text: v.GenericSchema<string>) => v.lazy((value) => (typeof value === 'string' ? text : mapping));
const roleName = v.pipe(
  v.string(),
  v.regex(/^(?!\d{12}$)[\w+=,.@-]{1,64}$/, 'expected the name of a role, not twelve digits'),
);
const policyWith = (defaults: object) =>
  v.pipe(
    mapping,
    v.rawCheck(({ dataset, addIssue }) => {
      try {
        readPolicy([dataset.value], 'expected a policy document', defaults);
      } catch (error) {
        addIssue({ message: (error as UsageError).message });
      }
    }),
  );
const identityPolicy = policyWith(ANYBODY);
const trustPolicy = policyWith({ Resource: '*' });
const role = strict({
  account: v.optional(account),
  path: v.optional(v.pipe(v.string(), v.regex(/^\/(\S+\/)?$/, 'expected / or /PATH/')), '/'),
  name: v.optional(roleName), // default: its key, as a role's name is the same in many accounts
  policies: v.array(identityPolicy),
  trust: v.optional(trustPolicy), // who may assume it; default: nobody
});
// `reset` drops the connection before the call is carried out, `reset-after` afterwards, without an answer.
// `deny` without skip, times and rate is a right that the caller lacks, also where IAM simulates its policies.
// `crash` ends the function that makes the call, `crash-after` ends it after the call was carried out.
// `expired-token` refuses the token of a page, where the request has one. `meanwhile` first carries out a call of somebody else.
// `bad-gateway` answers with a page of HTML and does not carry the call out. The others are in `entry-kind.ts`.
const kinds = [
  'throttle',
  'unavailable',
  'aborted',
  'reset',
  'reset-after',
  'bad-gateway',
  'deny',
  'latency',
  'crash',
  'crash-after',
  'expired-token',
  'meanwhile',
  ...ENTRY_KINDS,
] as const;
const faultSchema = strict({
  call: v.picklist(['*', ...SERVICE_CALLS, ...CALLS]),
  kind: v.picklist(kinds),
  resource: v.optional(v.string()), // hits only requests with a field of exactly this value: a log group's name, a key's ARN
  skip: v.optional(whole), // how many matching requests succeed first
  times: v.optional(whole), // the number of requests to hit
  rate: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))), // the share of the matching requests to hit
  latencyMs: v.optional(whole), // default 1000
  fromS: v.optional(v.pipe(v.number(), v.minValue(0))), // from how many seconds after the faults were set, until how many
  untilS: v.optional(v.pipe(v.number(), v.minValue(0))),
  other: v.optional(strict({ call: v.picklist(AWS_CALLS), input: mapping })), // only of meanwhile
});
const perSecond = v.record(v.picklist(CALLS), v.pipe(v.number(), v.gtValue(0)));
const quotasSchema = v.lazy((value) => (typeof value === 'string' ? v.literal('aws') : perSecond));

/** Depends on the names that a world declares, so that unknown names are listed together with every other mistake. */
function worldSchema(declared: Record<'keys' | 'primaries' | 'policies' | 'roles' | 'alibaba', string[]>) {
  const attachedKey = v.nullable(v.picklist(declared.keys, noneNamed('key')));
  const roleOf = v.picklist(declared.roles, noneNamed('role'));
  const group = strict({
    key: attachedKey,
    class: v.optional(v.enum(LogGroupClass)),
    // What writes to it: silent while its role may not use the group's key through CloudWatch Logs. No role: AWS does not check it.
    writer: v.optional(strict({ perMinute: v.pipe(v.number(), v.gtValue(0)), role: v.optional(roleOf) })),
    tags: v.optional(v.record(v.string(), v.string())),
  });
  const groupOrKey = v.lazy((value) => (v.is(mapping, value) ? group : attachedKey));
  const key = strict({
    alias: v.optional(aliasName),
    ...place,
    description: v.optional(v.string(), ''),
    spec: v.optional(v.enum(KeySpec), 'SYMMETRIC_DEFAULT'),
    usage: v.optional(v.enum(KeyUsageType), 'ENCRYPT_DECRYPT'),
    state: v.optional(v.enum(KeyState), 'Enabled'),
    manager: v.optional(v.enum(KeyManagerType), 'CUSTOMER'), // AWS: as behind alias/aws/SERVICE
    exists: v.optional(v.boolean(), true), // false: only the ARN remains, as after a deletion
    multiRegion: v.optional(v.boolean(), false),
    replicaOf: v.optional(v.picklist(declared.primaries, noneNamed('multi-Region key'))), // the nickname of a multi-Region key, which has the same id
    policy: v.optional(textOr(v.picklist(declared.policies, noneNamed('policy')))), // default: AWS's, which leaves the key to its account
  });
  const contents = {
    // By name: the nickname of a key, which is attached without checks, or null.
    groups: v.optional(v.record(groupName, groupOrKey), {}),
    // `{n}` in the name counts from 1.
    bulk: v.optional(v.array(strict({ name: v.string(), count: whole, key: v.optional(attachedKey, null) })), []),
    queryResults: v.optional(attachedKey, null),
    // Functions of AWS Lambda, by name. Default of logGroup: AWS's, /aws/lambda/NAME.
    functions: v.optional(v.record(functionName, strict({ role: roleOf, logGroup: v.optional(groupName) })), {}),
    // Parameters of Systems Manager, by name: the value, or { secret } for a SecureString.
    parameters: v.optional(v.record(parameterName, v.union([v.string(), secret])), {}),
  };
  return strict({
    account: v.optional(account, '111122223333'),
    accountAlias: v.optional(v.pipe(v.string(), v.regex(/^[a-z0-9](-?[a-z0-9]){2,62}$/, 'expected an account alias'))),
    organization: v.optional(v.pipe(v.string(), v.regex(/^o-[a-z0-9]{10,32}$/, 'expected o-ID'))), // that all accounts are in, except those of `outsiders`
    outsiders: v.optional(v.array(account), []),
    region: v.optional(region, 'us-east-1'),
    // By account: the Regions that it has not enabled, where AWS takes its credentials for invalid.
    disabledRegions: v.optional(v.record(account, v.array(region)), {}),
    uncertain: v.optional(v.picklist(['allow', 'refuse']), 'refuse'), // what AssociateKmsKey does under the verdict UNCERTAIN
    // In a partition where AWS does not document the service principal of CloudWatch Logs: which one it is.
    logsPrincipal: v.optional(logsPrincipal),
    opaque: v.optional(v.boolean(), false), // CloudWatch Logs refuses every key with the same AccessDeniedException
    // How long a change of a key takes to reach the writers (AWS: up to five minutes), and an event to reach the metrics.
    delays: v.optional(strict({ keyMinutes: v.optional(minutes, 0), metricMinutes: v.optional(minutes, 0) }), {}),
    seed: v.optional(whole, 1), // for the random numbers behind the rates of faults
    // By name: a document, or its text. {account}, {region} and {partition} are the key's, {home} is the world's account.
    policies: v.optional(v.record(v.string(), textOr(v.string())), {}),
    keys: v.optional(v.record(v.string(), key), {}), // by nickname
    // By name: a caller has the role whose name is its access key id. The policies may hold {account} and the like, too.
    roles: v.optional(v.record(roleName, role), {}),
    journalTable: v.optional(v.string()), // creates an empty table of this name like template.yaml's JournalTable
    scanTable: v.optional(v.string()), // and like its ScanTable
    ...contents,
    elsewhere: v.optional(v.array(strict({ ...place, ...contents })), []),
    alibaba: v.optional(alibabaSchema(declared.alibaba), {}), // one account of Alibaba Cloud
    quotas: v.optional(quotasSchema, {}),
    faults: v.optional(v.array(faultSchema), []),
  });
}

/** An injected fault. */
export type Fault = v.InferOutput<typeof faultSchema>;
/** A world as it is written; `worlds/demo.yaml` shows the format. */
export type World = v.InferInput<ReturnType<typeof worldSchema>>;
/** A world with its defaults filled in. */
export type CompleteWorld = v.InferOutput<ReturnType<typeof worldSchema>>;

/** @param source a world, or the path of its YAML file. @throws UsageError that lists every mistake */
export function readWorld(source: World | string): CompleteWorld {
  const document = typeof source === 'string' ? parseDocument(readFileSync(source, 'utf8')) : undefined;
  if (document?.errors.length)
    throw new UsageError(document.errors.map(({ message }) => `${source}: ${message.split('\n')[0]}`));
  const world: unknown = document ? (document.toJS() ?? {}) : source;
  const { keys = {}, policies = {}, roles = {}, alibaba } = v.is(mapping, world) ? (world as World) : {};
  const namesIn = (section: unknown) => (v.is(mapping, section) ? Object.keys(section) : []);
  const named = { keys: namesIn(keys), policies: namesIn(policies), roles: namesIn(roles) };
  const primaries = named.keys.filter((nickname) => keys[nickname]?.multiRegion);
  const declared = { ...named, primaries, alibaba: alibabaNicknames(alibaba) };
  return parse(worldSchema(declared), world, 'world', document ? `${source}: ` : '');
}

/** @throws UsageError that lists every mistake */
export function parseFaults(faults: readonly Fault[]): Fault[] {
  return parse(v.array(faultSchema), faults, 'faults');
}

/** @throws UsageError that lists every mistake */
export function parseQuotas(quotas: Quotas | 'aws'): Quotas | 'aws' {
  return parse(quotasSchema, quotas, 'quotas');
}
