import { type ReadPolicy, readKeyPolicy } from '../key-policy/read.ts';
import type { CallFacts } from '../key-policy/service-call.ts';
import { logsService } from '../key-policy/service-call.ts';
import { partitionNamed, partitionOfRegion } from '../partition.ts';
import { type Fields, isFields, jsonOf } from './fields.ts';
import type { DeclaredKey } from './model.ts';
import {
  isKnown,
  ONE_UNKNOWN,
  replaceUnknowns,
  textOf,
  UNKNOWN_ACCOUNT,
  UNKNOWN_REGION,
  type UnknownValue,
  unknownsIn,
  wholeUnknown,
  withParts,
} from './unknown.ts';

/** Stand for what is not known, in messages and in texts that are evaluated: nothing in a file is equal to them. */
const SOME_REGIONS: Readonly<Record<string, string>> = {
  aws: 'us-unknown-1',
  'aws-us-gov': 'us-gov-unknown-1',
  'aws-cn': 'cn-unknown-1',
};
const SOME_ACCOUNT = '000000000000';
const SOME_KEY_ID = '3b9f5c2e-7d41-4a86-b1c7-e06d28f4a95b';

/** Where a key may be deployed. */
export interface Deployment {
  readonly region: string;
  readonly account: string;
  readonly partition: string;
  /** Whether the account only stands for one that is not known. */
  readonly isSomeAccount: boolean;
}

/** A key policy as it would be in one deployment. */
export interface BoundDeclaration extends Deployment {
  /** Under each assumption of what parts of it may turn out to be: one, where everything that decides is known. */
  readonly policies: readonly ReadPolicy[];
  /** Whether all of it is known. */
  readonly isWhole: boolean;
}

const PARTITION = /\barn:(aws[a-z-]*):/g;
const REGION = /\b(?:us|eu|ap|sa|ca|me|af|il|mx|cn|eusc)(?:-[a-z]+)+-\d\b/g;
const ACCOUNT = /(?<!\d)\d{12}(?!\d)/g;
/** Choice: at most so many Regions that a policy names, and so many deployments. */
const MAX_REGIONS = 20;
const MAX_DEPLOYMENTS = 60;
/** Choice. What a policy allows CloudWatch Logs does not depend on these accounts, but some warnings do. */
const MAX_OF_IDENTITIES = 3;

/** Where a policy may be deployed. */
export interface Deployments {
  readonly all: readonly Deployment[];
  /** Whether there are more, so that nothing is certain to be allowed in all of them. */
  readonly isCut: boolean;
}

/** Every deployment in which a policy may mean something else: those that it names, and one that it does not. */
export function deploymentsOf(policy: string, region: string | null, account: string | null): Deployments {
  const text = withoutIdentities(policy);
  const named = region === null ? [...new Set(text.match(REGION))].filter(partitionOfRegion) : [];
  const regions = region === null ? [...named.slice(0, MAX_REGIONS), ...someRegionsOf(policy)] : [region];
  const namedAccounts = account === null ? [...new Set(text.match(ACCOUNT))] : [];
  const room = Math.max(Math.floor(MAX_DEPLOYMENTS / regions.length) - 1, 1);
  const everyAccount = new Set(policy.match(ACCOUNT));
  const some = someAccountBut(everyAccount);
  const ofIdentities = [...everyAccount].filter((each) => !namedAccounts.includes(each)).slice(0, MAX_OF_IDENTITIES);
  const accounts = account === null ? [...namedAccounts.slice(0, room), ...ofIdentities, some] : [account];
  const all = regions.flatMap((one) =>
    accounts.map((other) => ({
      region: one,
      account: other,
      partition: partitionOfRegion(one)?.name ?? 'aws',
      isSomeAccount: account === null && other === some,
    })),
  );
  return { all, isCut: named.length > MAX_REGIONS || namedAccounts.length > room };
}

/** A policy without its AWS principals, on which nothing depends for CloudWatch Logs. */
export function withoutIdentities(text: string): string {
  const document = jsonOf(text);
  return document === null ? text : JSON.stringify(document, (name, value) => (name === 'AWS' ? undefined : value));
}

/** An account that is none of these: a policy may name the one that stands for any, as emulators have it. */
function someAccountBut(named: ReadonlySet<string>): string {
  let some = SOME_ACCOUNT;
  for (let number = 1; named.has(some); number++) some = String(number).padStart(SOME_ACCOUNT.length, '0');
  return some;
}

/** A Region that no file names, in each partition that a policy names: it can be deployed in no other. */
function someRegionsOf(text: string): string[] {
  const partitions = new Set([...text.matchAll(PARTITION)].map(([, name = '']) => name));
  const regions = [...partitions].flatMap((name) => SOME_REGIONS[name] ?? []);
  return regions.length > 0 ? regions : Object.values(SOME_REGIONS).slice(0, 1);
}

/** Whether a Region only stands for one that is not known. */
export function isSomeRegion(region: string): boolean {
  return Object.values(SOME_REGIONS).includes(region);
}

/** A text in one deployment. What is not known of it stays, as do other unknown values. */
export function deployed(text: string, { region, account, partition }: Omit<Deployment, 'isSomeAccount'>): string {
  if (isKnown(text)) return text;
  const known: Readonly<Record<string, string | undefined>> = {
    [UNKNOWN_REGION.written]: region,
    [UNKNOWN_ACCOUNT.written]: account,
    'AWS::Partition': partition,
    'AWS::URLSuffix': partitionNamed(partition)?.urlSuffix,
  };
  return replaceUnknowns(text, (value) => known[value.written] ?? textOf(value));
}

/** The ARN of a key in one deployment. */
export function keyArnIn({ arn }: DeclaredKey, deployment: Deployment): string {
  const { partition, region, account } = deployment;
  const known = arn === null ? null : deployed(arn, deployment);
  return known !== null && isKnown(known) ? known : `arn:${partition}:kms:${region}:${account}:key/${SOME_KEY_ID}`;
}

/** Reads a policy for one deployment. @param text as `deployed` left it @param shared unknown values that the name of the log group has, too */
export function bindPolicy(text: string, keyArn: string, facts: CallFacts, shared: ReadonlySet<string>): ReadPolicy[] {
  const service = logsService(keyArn, facts);
  if (isKnown(text)) return [readKeyPolicy(text, service)];
  const texts = new Set(['LEAST', 'MOST'].map((extent) => assumed(text, extent as Extent, shared)));
  return [...texts].map((each) => readKeyPolicy(each, service));
}

/** Whether the parts of a policy that are not known allow as little, or as much, as they can. */
type Extent = 'LEAST' | 'MOST';

/** Begins a policy variable that stands for an unknown value. The evaluator never resolves it. */
const VARIABLE = '${logseal:';

/** A text that the evaluator made, with such variables as people read unknown values. */
export function shownVariables(text: string): string {
  return text.replaceAll(VARIABLE, '${');
}

function assumed(text: string, extent: Extent, shared: ReadonlySet<string>): string {
  const document = jsonOf(text);
  if (!isFields(document)) return withWords(text);
  const statements = [document['Statement']]
    .flat()
    .map((each) => (isFields(each) || hasUnknown(each) ? statementAs(fieldsOf(each), extent, shared) : each));
  return JSON.stringify({ ...document, Version: '2012-10-17', Statement: statements }, (_name, value) =>
    typeof value === 'string' ? withWords(value) : value,
  );
}

/** A statement that is not known at all, as one from a transform, may be any. */
function fieldsOf(statement: unknown): Fields {
  return isFields(statement) ? statement : { Effect: statement };
}

function statementAs(statement: Fields, extent: Extent, shared: ReadonlySet<string>): Fields {
  const { Principal: principal, NotPrincipal: notPrincipal, Effect: effect, Condition: condition } = statement;
  const conditions = isFields(condition) ? mapStrings(condition, (value) => variableIn(value, shared)) : undefined;
  const resource = mapStrings(statement['Resource'] ?? statement['NotResource'], (value) =>
    variableIn(value, new Set()),
  );
  const known: Fields = {
    ...statement,
    // Such a statement is named by its place.
    ...(hasUnknown(statement['Sid']) && { Sid: undefined }),
    ...(conditions !== undefined && { Condition: conditions }),
    ...(resource !== undefined && { [statement['Resource'] === undefined ? 'NotResource' : 'Resource']: resource }),
    ...(isFields(principal) && { Principal: withIdentities(principal) }),
    ...(isFields(notPrincipal) && { NotPrincipal: withIdentities(notPrincipal) }),
  };
  const isWhoOpen = [principal, notPrincipal].some(hasUnknownService);
  const isWhatOpen = [statement['Action'], statement['NotAction']].some(hasUnknown);
  if (!isWhoOpen && !isWhatOpen && !hasUnknown(effect) && (isFields(condition) || !hasUnknown(condition))) return known;
  const { Sid } = known;
  const denies = effect === 'Deny' || (extent === 'LEAST' && hasUnknown(effect));
  const applies = denies === (extent === 'LEAST');
  if (!applies) {
    return { Sid, Effect: 'Allow', Principal: { AWS: SOME_ROLE }, Action: 'kms:DescribeKey', Resource: '*' };
  }
  const isOf = (name: string) => known[name] !== undefined || known[`Not${name}`] !== undefined;
  return {
    ...known,
    Effect: denies ? 'Deny' : 'Allow',
    ...((isWhoOpen || !isOf('Principal')) && { Principal: '*', NotPrincipal: undefined }),
    ...((isWhatOpen || !isOf('Action')) && { Action: 'kms:*', NotAction: undefined }),
    ...(!isOf('Resource') && { Resource: '*' }),
    Condition: conditions,
  };
}

/** Whether an unknown value may be CloudWatch Logs. */
function hasUnknownService(principal: unknown): boolean {
  return hasUnknown(isFields(principal) ? Object.entries(principal).filter(([kind]) => kind !== 'AWS') : principal);
}

function withIdentities(principal: Fields): Fields {
  return 'AWS' in principal ? { ...principal, AWS: mapStrings(principal['AWS'], principalIn) } : principal;
}

const SOME_ROLE = `arn:aws:iam::${SOME_ACCOUNT}:role/unknown`;

/** Only a name that the log group has, too, is compared: it is the same whatever it turns out to be. */
function variableIn(value: string, shared: ReadonlySet<string>): string {
  const isShared = unknownsIn(value).every(({ written }) => shared.has(written));
  return isShared ? withParts(value) : replaceUnknowns(value, ({ written }) => `${VARIABLE}${written}}`);
}

const UNKNOWN_IAM_ACCOUNT = new RegExp(`(:iam::)${ONE_UNKNOWN}`);

/** Among the principals of AWS, what is not known counts as a role or a user: neither is CloudWatch Logs. */
function principalIn(value: string): string {
  if (wholeUnknown(value)) return SOME_ROLE;
  return replaceUnknowns(value.replace(UNKNOWN_IAM_ACCOUNT, `$1${SOME_ACCOUNT}`), () => 'unknown');
}

/** The text with each unknown value as a word that nothing else is equal to. */
function withWords(text: string): string {
  return replaceUnknowns(text, wordFor);
}

function wordFor({ written }: UnknownValue): string {
  return `unknown.${written.replace(/[^\w.]/g, '.')}`;
}

function hasUnknown(value: unknown): boolean {
  return value !== undefined && value !== null && !isKnown(JSON.stringify(value));
}

function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, change));
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, mapStrings(part, change)]));
}
