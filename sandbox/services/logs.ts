import type * as Logs from '@aws-sdk/client-cloudwatch-logs';
import { parseArn } from '../../lib/domain/arn.ts';
import { isLogGroupName, SPANS_NAME } from '../../lib/domain/stores/log-group.ts';
import { queryResultsArn } from '../../lib/domain/stores/query-results.ts';
import { readPageToken, writePageToken } from '../page-token.ts';
import { brokenConstraint, invalidParameter, ServiceError } from '../service-error.ts';
import { newLogGroup } from '../state.ts';
import { json } from '../wire.ts';
import { recordKeyChange } from '../writers.ts';
import { requireUsableKey } from './log-key.ts';
import { arnOf, existing } from './logs-lookup.ts';
import { getQueryResults, queriedNames, startQuery } from './logs-queries.ts';
import { describeLogStreams } from './logs-streams.ts';
import type { Call, Service } from './service.ts';

function createLogGroup(call: Call, input: Logs.CreateLogGroupRequest): void {
  const name = ownName(input.logGroupName);
  if (call.state.logGroups.has(name)) {
    throw new ServiceError('ResourceAlreadyExistsException', 'The specified log group already exists');
  }
  const group = newLogGroup(call, name, call.cloud.now(), input);
  if (input.kmsKeyId !== undefined) requireUsableKey(call, input.kmsKeyId, group.logGroupArn);
  call.state.logGroups.set(name, group);
}

function describeLogGroups(call: Call, input: Logs.DescribeLogGroupsRequest): Logs.DescribeLogGroupsResponse {
  const { limit = 50, logGroupNamePrefix: prefix = '', logGroupNamePattern: pattern, logGroupClass, nextToken } = input;
  if (limit < 1 || limit > 50) throw invalidParameter(brokenConstraint(limit, 'limit', 'be between 1 and 50'));
  if (input.logGroupIdentifiers) return describeNamed(call, input, input.logGroupIdentifiers);
  // Assumption: the text. The API reference says only that the two are mutually exclusive.
  if (prefix && pattern) throw invalidParameter('Only one of logGroupNamePrefix and logGroupNamePattern can be given.');
  const scope = [call.account, call.region, prefix, pattern, logGroupClass];
  const start = nextToken === undefined ? prefix : readPageToken(scope, nextToken, call.cloud.now());
  if (start === undefined) throw invalidParameter('The specified nextToken is invalid.');
  const logGroups: Logs.LogGroup[] = [];
  for (const group of call.state.logGroups.from(start)) {
    const { logGroupName, arn, creationTime } = group;
    if (!logGroupName.startsWith(prefix)) break;
    if (pattern && !logGroupName.includes(pattern)) continue;
    if (logGroupClass && group.logGroupClass !== logGroupClass) continue;
    if (logGroups.length === limit) {
      return { logGroups, nextToken: writePageToken(scope, logGroupName, call.cloud.now()) };
    }
    // With a name pattern AWS returns only these fields, so every log group seems to have no key.
    logGroups.push(pattern ? { logGroupName, arn, creationTime } : group);
  }
  return { logGroups };
}

/** Assumptions: names that do not exist are left out, and the others come in ASCII order. */
function describeNamed(call: Call, input: Logs.DescribeLogGroupsRequest, identifiers: string[]) {
  const others = Object.keys(input).filter((key) => key !== 'logGroupIdentifiers' && key !== 'includeLinkedAccounts');
  // Assumption: the text. The API reference says that it combines with includeLinkedAccounts only.
  if (others.length) throw invalidParameter(`logGroupIdentifiers cannot be combined with ${others.join(', ')}.`);
  if (identifiers.length < 1 || identifiers.length > 50) {
    throw invalidParameter(brokenConstraint(identifiers, 'logGroupIdentifiers', 'have length between 1 and 50'));
  }
  const names = new Set(identifiers.map((identifier) => identifier.replace(arnOf(call, ''), '')));
  const groups = [...names].sort().map((name) => call.state.logGroups.get(name));
  return { logGroups: groups.filter((group) => group !== undefined) };
}

function associateKmsKey(call: Call, input: Logs.AssociateKmsKeyRequest): void {
  if (input.kmsKeyId === undefined) throw invalidParameter(brokenConstraint(null, 'kmsKeyId', 'not be null'));
  const store = storeOf(call, input);
  requireUsableKey(call, input.kmsKeyId, store.arn);
  setKey(call, store, input.kmsKeyId);
}

function setKey({ cloud }: Call, { arn, holder }: ReturnType<typeof storeOf>, kmsKeyId: string | undefined): void {
  holder.kmsKeyId = kmsKeyId;
  recordKeyChange(cloud, ({ logGroupArn }) => logGroupArn === arn);
}

/** What a key is attached to: a log group, or the stored results of the account's queries. */
function storeOf(call: Call, { logGroupName, resourceIdentifier }: Logs.DisassociateKmsKeyRequest) {
  if ((logGroupName === undefined) === (resourceIdentifier === undefined)) {
    // Assumption: the text. The API reference says only that exactly one of the two must be given.
    throw invalidParameter('Exactly one of logGroupName and resourceIdentifier must be given.');
  }
  if (resourceIdentifier === queryResultsArn(call.partition, { ...call, provider: 'aws' })) {
    return { arn: resourceIdentifier, holder: call.state.queryResults };
  }
  const name = logGroupName ?? nameIn(call, resourceIdentifier ?? '');
  // AWS X-Ray API Reference, `CloudWatchLogsConfiguration`: AssociateKmsKey sets or changes the key of aws/spans. Assumption:
  // DisassociateKmsKey takes it away.
  const holder = existing(call, name === SPANS_NAME ? name : ownName(name));
  return { arn: holder.logGroupArn, holder };
}

/** Assumptions: the text, and that an ARN of another account or Region gets the same error as a malformed one. */
function nameIn(call: Call, resourceIdentifier: string): string {
  const name = parseArn(resourceIdentifier)?.resource.replace(/^log-group:/, '') ?? '';
  if (/^[\w+=/:,.@\-*]+$/.test(resourceIdentifier) && arnOf(call, name) === resourceIdentifier) return name;
  throw invalidParameter(`The specified resourceIdentifier is invalid: ${resourceIdentifier}`);
}

/** The name of a log group that the account may create, change and delete. */
function ownName(name = ''): string {
  if (!isLogGroupName(name)) {
    const rule = 'satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+';
    throw invalidParameter(brokenConstraint(name, 'logGroupName', rule));
  }
  // Assumption: the text. That such groups cannot be changed was seen (landing-zone-accelerator-on-aws #751, #755).
  if (name.startsWith('aws/')) throw invalidParameter('Log groups starting with AWS/ are reserved for AWS.');
  return name;
}

/** Amazon CloudWatch Logs. */
export const logs: Service = {
  name: 'logs',
  endpoint: 'Logs_20140328',
  wire: json,
  operations: {
    CreateLogGroup: createLogGroup,
    DeleteLogGroup(call, input: Logs.DeleteLogGroupRequest): void {
      call.state.logGroups.delete(existing(call, ownName(input.logGroupName)).logGroupName);
    },
    DescribeLogGroups: describeLogGroups,
    DescribeLogStreams: describeLogStreams,
    AssociateKmsKey: associateKmsKey,
    DisassociateKmsKey(call, input: Logs.DisassociateKmsKeyRequest): void {
      setKey(call, storeOf(call, input), undefined);
    },
    StartQuery: startQuery,
    GetQueryResults: getQueryResults,
  },
  unavailable: 'ServiceUnavailableException',
  // As AWS writes them when it denies a call: IAM compares an action on a log group with the ARNs of its streams.
  resourceArns(call, input) {
    if (call.name === 'logs:GetQueryResults') return ['*'];
    const { logGroupName = '', resourceIdentifier } = input;
    const names = call.name === 'logs:StartQuery' ? queriedNames(call, input) : [String(logGroupName)];
    const arns =
      resourceIdentifier === undefined ? names.map((name) => arnOf(call, name)) : [String(resourceIdentifier)];
    return arns.map((arn) => (arn.includes(':log-group:') ? `${arn}:log-stream:` : arn));
  },
};
