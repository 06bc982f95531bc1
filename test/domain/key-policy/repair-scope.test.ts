import { describe, expect, it } from 'vitest';
import {
  onlyScope,
  patternsOf,
  type RepairScope,
  scopeText,
  subjectIn,
  unionOf,
  wholeScope,
} from '../../../lib/domain/key-policy/repair-scope.ts';
import {
  ABOUT_A_LOG_GROUP,
  ABOUT_QUERY_RESULTS,
  ACCOUNT,
  LOG_GROUP_ARN as ARN,
  anAllow,
  aPolicy,
  CONTEXT,
  type Json,
  readFor,
} from './builders.ts';

const WHOLE = ARN.replace('/app/example', '*');
const APP = ARN.replace('example', '*');
const groups = (pattern: string): RepairScope => ({ type: 'log-groups', pattern });
const RESULTS: RepairScope = { type: 'query-results', account: ACCOUNT };

describe('a scope', () => {
  it.each([
    [groups(ARN), ARN, `the log group /app/example of account ${ACCOUNT}`],
    [
      groups(APP),
      ARN.replace('example', 'any-log-group'),
      `all log groups whose name begins with /app/ of account ${ACCOUNT}`,
    ],
    [groups(WHOLE), ARN.replace('/app/example', 'any-log-group'), `all log groups of account ${ACCOUNT} in us-east-1`],
  ])('%j stands for %s', (scope, arn, text) => {
    expect(subjectIn(scope)).toEqual({ type: 'log-group', arn });
    expect(scopeText([scope])).toBe(text);
  });

  it('of query results is that of their account', () => {
    expect(subjectIn(RESULTS)).toEqual(ABOUT_QUERY_RESULTS.subject);
    expect(scopeText([RESULTS])).toBe(`the query results of account ${ACCOUNT}`);
    expect(onlyScope(ABOUT_QUERY_RESULTS.subject)).toEqual(RESULTS);
    expect(wholeScope(ABOUT_QUERY_RESULTS.subject)).toEqual(RESULTS);
  });

  it('of a log group is that alone, or all of its account and Region', () => {
    expect(onlyScope(ABOUT_A_LOG_GROUP.subject)).toEqual(groups(ARN));
    expect(wholeScope(ABOUT_A_LOG_GROUP.subject)).toEqual(groups(WHOLE));
  });
});

describe('the union of patterns', () => {
  it.each<[string, string[], string, string[]]>([
    ['has what is added', [], ARN, [ARN]],
    ['has what is added after what was there', [`${ARN}2`], ARN, [`${ARN}2`, ARN]],
    ['has nothing twice', [ARN], ARN, [ARN]],
    ['leaves out what a wider pattern covers', [APP], ARN, [APP]],
    ['leaves out what the added pattern covers', [ARN, `${ARN}2`, 'x'], APP, ['x', APP]],
    ['leaves out what the whole account covers', [ARN, APP], WHOLE, [WHOLE]],
    [
      'has both where neither covers the other',
      [APP],
      ARN.replace('/app/', '/other/'),
      [APP, ARN.replace('/app/', '/other/')],
    ],
    // A pattern with fewer than six parts covers nothing for certain.
    ['has what is added beside a pattern of fewer parts', ['arn:aws:logs:*'], ARN, ['arn:aws:logs:*', ARN]],
    ['has what is added beside *', ['*'], ARN, ['*', ARN]],
    // `?` stands for one character, `*` for any number.
    ['has a beginning beside a pattern of one character', [ARN.replace('example', '?')], APP, [APP]],
    [
      'has a beginning beside a pattern of two characters',
      [ARN.replace('app/example', 'a??/?')],
      APP,
      [ARN.replace('app/example', 'a??/?'), APP],
    ],
    [
      'has a beginning beside a pattern with another end',
      [ARN.replace('/app/example', '/a*p')],
      ARN.replace('/app/example', '/ap*'),
      [ARN.replace('/app/example', '/a*p'), ARN.replace('/app/example', '/ap*')],
    ],
    [
      'leaves out a beginning that a shorter one covers',
      [ARN.replace('/app/example', '/a*')],
      APP,
      [ARN.replace('/app/example', '/a*')],
    ],
    ['leaves out what a pattern of accounts covers', ['arn:aws:logs:*:*:*'], APP, ['arn:aws:logs:*:*:*']],
    ['has a log group beside its log streams', [`${ARN}:*`], ARN, [`${ARN}:*`, ARN]],
  ])('%s', (_what, patterns, added, expected) => {
    expect(unionOf(patterns, added)).toEqual(expected);
  });
});

/** The statements of a policy as they are read. */
function read(...all: Json[]) {
  const policy = readFor(ABOUT_A_LOG_GROUP, aPolicy(all));
  if (policy.status !== 'READ') throw new Error('malformed');
  return policy;
}
const limitedTo = (condition: Json, elements: Json = {}) => anAllow({ Condition: condition, ...elements });

it.each<[string, Json, readonly string[] | null]>([
  ['one pattern', { ArnLike: { [CONTEXT]: APP } }, [APP]],
  ['several', { ArnEquals: { [CONTEXT]: [ARN, APP] } }, [ARN, APP]],
  ['another operator', { StringLike: { [CONTEXT]: APP } }, null],
  ['an operator with a set prefix', { 'ForAnyValue:ArnLike': { [CONTEXT]: APP } }, null],
  ['an operator that an absent key meets', { ArnLikeIfExists: { [CONTEXT]: APP } }, null],
  ['a negated operator', { ArnNotLike: { [CONTEXT]: APP } }, null],
  ['another key', { ArnLike: { 'aws:SourceArn': APP } }, null],
  ['one more condition', { ArnLike: { [CONTEXT]: APP }, Bool: { 'aws:SecureTransport': 'true' } }, null],
])('a statement is limited to log groups by %s, or not', (_what, condition, expected) => {
  expect(read(limitedTo(condition)).statements.map(patternsOf)).toEqual([expected]);
});

it('a statement without a condition is not limited to log groups', () => {
  expect(read(anAllow()).statements.map(patternsOf)).toEqual([null]);
});
