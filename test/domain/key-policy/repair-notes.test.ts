import { describe, expect, it } from 'vitest';
import type { RepairScope } from '../../../lib/domain/key-policy/repair-scope.ts';
import {
  ABOUT_A_LOG_GROUP,
  ABOUT_QUERY_RESULTS,
  ACCOUNT,
  LOG_GROUP_ARN as ARN,
  aDeny,
  anAllow,
  aPolicy,
  CONTEXT,
  type Json,
  ROOT,
  repair,
} from './builders.ts';

const WHOLE = ARN.replace('/app/example', '*');
const APP = ARN.replace('example', '*');

/** What a repair says of a policy, for log groups. */
function notesFor(pattern: string, ...statements: Json[]) {
  const scope: RepairScope = { type: 'log-groups', pattern };
  const found = repair(aPolicy([ROOT, ...statements]), ABOUT_A_LOG_GROUP, scope);
  if (found.kind === 'REFUSED') throw new Error(JSON.stringify(found));
  return { kind: found.kind, ...found.notes };
}
const nothing = { narrowerBefore: [], alsoCovers: [], stillDenied: [] };
const encryptFor = (condition: Json, elements: Json = {}) =>
  anAllow({ Action: 'kms:Encrypt', Condition: condition, ...elements });

it('a repair of a policy that names no log group says nothing', () => {
  expect(notesFor(ARN)).toEqual({ kind: 'REPAIR', ...nothing });
  expect(notesFor(WHOLE)).toEqual({ kind: 'REPAIR', ...nothing });
  expect(notesFor(WHOLE, anAllow())).toEqual({ kind: 'NONE_NEEDED', ...nothing });
});

describe('what a policy was for so far', () => {
  it.each<[string, Json]>([
    ['ArnLike', { ArnLike: { [CONTEXT]: ARN } }],
    ['StringEquals', { StringEquals: { [CONTEXT]: ARN } }],
    [
      'StringLike, with the account',
      { StringLike: { [CONTEXT]: ARN }, StringEquals: { 'aws:SourceAccount': ACCOUNT } },
    ],
    ['the source of the call', { ArnLike: { 'aws:SourceArn': ARN } }],
    ['a key in another letter case', { ArnLike: { [CONTEXT.toUpperCase()]: ARN } }],
  ])('is said where it is narrower: by %s', (_how, condition) => {
    expect(notesFor(WHOLE, encryptFor(condition)).narrowerBefore).toEqual([ARN]);
    expect(notesFor(APP, encryptFor(condition)).narrowerBefore).toEqual([ARN]);
    expect(notesFor(ARN, encryptFor(condition)).narrowerBefore).toEqual([]);
  });

  it.each<[string, Json]>([
    ['a negated condition', encryptFor({ ArnNotLike: { [CONTEXT]: ARN } })],
    ['a Deny', aDeny({ Condition: { ArnLike: { [CONTEXT]: ARN } } })],
    [
      'a statement for another service',
      encryptFor({ ArnLike: { [CONTEXT]: ARN } }, { Principal: { Service: 'ec2.amazonaws.com' } }),
    ],
    ['another account', encryptFor({ ArnLike: { [CONTEXT]: ARN.replace(ACCOUNT, '444455556666') } })],
    ['a scope as wide', encryptFor({ ArnLike: { [CONTEXT]: WHOLE } })],
    ['a wider scope', encryptFor({ ArnLike: { [CONTEXT]: `arn:aws:logs:us-east-1:${ACCOUNT}:*` } })],
  ])('is not said of %s', (_what, statement) => {
    expect(notesFor(WHOLE, statement).narrowerBefore).toEqual([]);
  });

  it('names each pattern once, and none for query results', () => {
    const two = [encryptFor({ ArnLike: { [CONTEXT]: [ARN, APP] } }), encryptFor({ ArnEquals: { [CONTEXT]: ARN } })];

    expect(notesFor(WHOLE, ...two).narrowerBefore).toEqual([ARN, APP]);
    expect(repair(aPolicy([ROOT, ...two]), ABOUT_QUERY_RESULTS)).toMatchObject({ kind: 'REPAIR', notes: nothing });
  });
});

describe("what logseal's earlier statement was for", () => {
  const earlier = (patterns: unknown) => encryptFor({ ArnLike: { [CONTEXT]: patterns } }, { Sid: 'LogsealLogGroups' });

  it.each<[string, string | string[], string[]]>([
    ['one log group', `${ARN}2`, [`${ARN}2`]],
    ['several', [`${ARN}2`, `${ARN}3`], [`${ARN}2`, `${ARN}3`]],
    ['more than what is asked for', APP, [APP]],
    ['just what is asked for', ARN, []],
    ['that too', [ARN, `${ARN}2`], [`${ARN}2`]],
  ])('is said where the new one goes on covering it: %s', (_what, patterns, expected) => {
    expect(notesFor(ARN, earlier(patterns))).toEqual({ kind: 'REPAIR', ...nothing, alsoCovers: expected });
  });

  it('is not said where what is asked for covers it', () => {
    expect(notesFor(WHOLE, earlier([ARN, APP]))).toEqual({ kind: 'REPAIR', ...nothing, narrowerBefore: [ARN, APP] });
  });
});

describe('a log group that a policy names, and denies', () => {
  it.each<[string, Json]>([
    ['ArnEquals', { ArnEquals: { [CONTEXT]: ARN } }],
    ['StringEquals, in a list', { StringEquals: { [CONTEXT]: ['x', ARN] } }],
    ['the source of the call', { ArnLike: { 'aws:SourceArn': ARN } }],
    [
      'it and a condition that may hold',
      { ArnEquals: { [CONTEXT]: ARN }, IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
    ],
  ])('by %s stays denied in a wider scope', (_how, condition) => {
    const deny = aDeny({ Action: 'kms:Decrypt', Condition: condition });

    expect(notesFor(WHOLE, deny)).toEqual({ kind: 'REPAIR', ...nothing, stillDenied: [ARN] });
    expect(notesFor(APP, deny)).toEqual({ kind: 'REPAIR', ...nothing, stillDenied: [ARN] });
    expect(notesFor(`${ARN}2`, deny)).toEqual({ kind: 'REPAIR', ...nothing });
    expect(notesFor(WHOLE, anAllow(), deny)).toEqual({ kind: 'NONE_NEEDED', ...nothing, stillDenied: [ARN] });
  });

  it('by the beginning of its name stays denied, too', () => {
    expect(notesFor(WHOLE, aDeny({ Condition: { ArnLike: { [CONTEXT]: APP } } })).stillDenied).toEqual([APP]);
  });

  it.each<[string, Json]>([
    ['where it is the exception', aDeny({ Condition: { ArnLike: { [CONTEXT]: [ARN] }, Null: { [CONTEXT]: 'true' } } })],
    [
      'for other services',
      aDeny({ Principal: { Service: 'ec2.amazonaws.com' }, Condition: { ArnLike: { [CONTEXT]: ARN } } }),
    ],
    ['for identities', aDeny({ Principal: { AWS: ACCOUNT }, Condition: { ArnLike: { [CONTEXT]: ARN } } })],
    [
      'where the Deny is about another action',
      aDeny({ Action: 'kms:Sign', Condition: { ArnLike: { [CONTEXT]: ARN } } }),
    ],
    ['with the end that stands for log streams', aDeny({ Condition: { ArnLike: { [CONTEXT]: `${ARN}:*` } } })],
    ['of another account', aDeny({ Condition: { ArnLike: { [CONTEXT]: ARN.replace(ACCOUNT, '444455556666') } } })],
  ])('is not said %s', (_what, deny) => {
    expect(notesFor(WHOLE, deny).stillDenied).toEqual([]);
  });
});
