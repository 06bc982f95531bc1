import { parseArn } from '../arn.ts';
import { ANY_LOG_GROUP_NAME, LOG_GROUP } from '../stores/log-group.ts';
import { type ConditionOperator, operatorHolds, parseOperator } from './operators.ts';
import type { Statement } from './parse.ts';
import { accountOf, LOGS_CONTEXT_KEY, type PolicySubject } from './service-call.ts';

/** What a statement of a repair is for. */
export type RepairScope =
  /** `pattern`: an ARN of one log group, or one that ends in `*` and stands for all that begin so. */
  | { readonly type: 'log-groups'; readonly pattern: string }
  | { readonly type: 'query-results'; readonly account: string }
  /** The principals of the account that write to its log groups and read them. `pattern`: all of these log groups. */
  | { readonly type: 'readers-and-writers'; readonly pattern: string }
  /** The same of every account of an organization. `pattern`: all log groups of the Region, with `*` for the account. */
  | { readonly type: 'organization'; readonly orgId: string; readonly pattern: string };

/** What one repair is for: scopes of one type, which differ by their account alone. */
export type Scopes = readonly [RepairScope, ...RepairScope[]];

/** Nothing but the subject itself. */
export function onlyScope(subject: PolicySubject): RepairScope {
  return subject.type === 'query-results' ? subject : { type: 'log-groups', pattern: subject.arn };
}

/** All log groups of the subject's account and Region; of query results there is but one kind. */
export function wholeScope(subject: PolicySubject): RepairScope {
  if (subject.type === 'query-results') return subject;
  return { type: 'log-groups', pattern: subject.arn.replace(/:log-group:.*$/, ':log-group:*') };
}

/** Whether a text is the name of a log group, or the beginning of some names with `*` after it. */
export function isLogGroupsPattern(text: string): boolean {
  return text === '*' || !LOG_GROUP.nameMistake(text.replace(/\*$/, ''));
}

/** Stands for everything in a scope: of several log groups one that no policy names. */
export function subjectIn(scope: RepairScope): PolicySubject {
  if (scope.type === 'query-results') return scope;
  return { type: 'log-group', arn: scope.pattern.replace(/\*$/, ANY_LOG_GROUP_NAME) };
}

/** Scopes as people say them. */
export function scopeText(scopes: Scopes): string {
  const [scope] = scopes;
  const accounts = scopes.map((each) => accountOf(subjectIn(each)));
  const whose = `account${accounts.length === 1 ? '' : 's'} ${accounts.join(', ')}`;
  if (scope.type === 'query-results') return `the query results of ${whose}`;
  const { region, resource = '' } = parseArn(scope.pattern) ?? {};
  if (scope.type === 'organization') return `all principals of the organization ${scope.orgId} in ${region}`;
  if (scope.type === 'readers-and-writers') return `all principals of ${whose} in ${region}`;
  const name = resource.replace('log-group:', '');
  if (name === '*') return `all log groups of ${whose} in ${region}`;
  const groups = name.endsWith('*')
    ? `all log groups whose name begins with ${name.slice(0, -1)}`
    : `the log group ${name}`;
  return `${groups} of ${whose}`;
}

/** One pattern list that covers what both cover, without what another pattern covers anyway. */
export function unionOf(patterns: readonly string[], added: string): string[] {
  if (patterns.some((pattern) => covers(pattern, added))) return [...patterns];
  return [...patterns.filter((pattern) => !covers(added, pattern)), added];
}

/** Whether a pattern certainly matches all that another one does which has no wildcard but a `*` at its end. */
function covers(pattern: string, other: string): boolean {
  // Of hundreds of accounts few patterns begin alike, and this costs far less.
  const [beginning = ''] = pattern.split(/[*?]/, 1);
  if (!other.startsWith(beginning)) return false;
  if (!other.endsWith('*')) return arnLike(pattern, other);
  // So many characters that `?` cannot stand for each, and none at all.
  const ends = ['*'.repeat(pattern.length + 1), ''];
  return ends.every((end) => arnLike(pattern, `${other.slice(0, -1)}${end}`));
}

const ARN_LIKE = parseOperator('ArnLike') as ConditionOperator;

function arnLike(pattern: string, arn: string): boolean {
  return operatorHolds(ARN_LIKE, [pattern], [arn], false) === 'YES';
}

/** The log groups that a statement is for, by ARN patterns; null: it is not limited in just that way. */
export function patternsOf({ conditions }: Statement): readonly string[] | null {
  const [only, ...others] = conditions;
  if (!only || others.length > 0 || only.key !== LOGS_CONTEXT_KEY) return null;
  return /^Arn(Like|Equals) /i.test(only.written) ? only.values : null;
}
