import { describe, expect, it } from 'vitest';
import { statementForAll } from '../../../lib/domain/key-policy/build-statement.ts';
import { MAX_POLICY_BYTES } from '../../../lib/domain/key-policy/document.ts';
import { repairKeyPolicy } from '../../../lib/domain/key-policy/repair-policy.ts';
import type { RepairScope, Scopes } from '../../../lib/domain/key-policy/repair-scope.ts';
import { scopeText } from '../../../lib/domain/key-policy/repair-scope.ts';
import {
  ABOUT_A_LOG_GROUP,
  ACCOUNT,
  aDeny,
  anAllow,
  aPolicy,
  CONTEXT,
  type Json,
  LOG_GROUP_ARN,
  ROOT,
  readFor,
} from './builders.ts';

const [MEMBER, OTHER] = ['444455556666', '777788889999'];
const groups = (account: string, name = '*'): RepairScope => ({
  type: 'log-groups',
  pattern: LOG_GROUP_ARN.replace(ACCOUNT, account).replace('/app/example', name),
});
const patternOf = (account: string, name = '*') =>
  LOG_GROUP_ARN.replace(ACCOUNT, account).replace('/app/example', name);
const SCOPES: Scopes = [groups(MEMBER), groups(OTHER)];

function repairedFor(statements: unknown, scopes = SCOPES) {
  const found = repairKeyPolicy(readFor(ABOUT_A_LOG_GROUP, aPolicy(statements)), scopes);
  if (found.kind !== 'REPAIR') throw new Error(JSON.stringify(found));
  return found;
}

describe('a repair for several accounts', () => {
  it('adds one statement that lists them', () => {
    const { statement, text, notes } = repairedFor([ROOT]);

    expect(statement.Condition).toEqual({ ArnLike: { [CONTEXT]: [patternOf(MEMBER), patternOf(OTHER)] } });
    expect(JSON.parse(text).Statement).toEqual([ROOT, statement]);
    expect(notes).toEqual({ narrowerBefore: [], alsoCovers: [], stillDenied: [] });
    const { service } = readFor(ABOUT_A_LOG_GROUP, aPolicy([ROOT]));
    expect(statementForAll(service, SCOPES)).toEqual(statement);
  });

  it('leaves out an account that another statement allows', () => {
    const theirs = anAllow({ Condition: { ArnLike: { [CONTEXT]: patternOf(MEMBER) } } });

    expect(repairedFor([ROOT, theirs]).statement.Condition).toEqual({ ArnLike: { [CONTEXT]: patternOf(OTHER) } });
  });

  it('says what an earlier statement of its own covers beside them, and what a Deny still keeps from the key', () => {
    const earlier = repairedFor([ROOT], [groups(ACCOUNT)]).statement;
    const deny = aDeny({ Condition: { ArnLike: { [CONTEXT]: patternOf(OTHER, '/audit') } } });

    expect(repairedFor([ROOT, earlier, deny]).notes).toEqual({
      narrowerBefore: [],
      alsoCovers: [patternOf(ACCOUNT)],
      stillDenied: [patternOf(OTHER, '/audit')],
    });
  });

  it('is refused as a whole where one of them is denied', () => {
    const deny = aDeny({ Condition: { ArnLike: { [CONTEXT]: patternOf(MEMBER) } } });
    const found = repairKeyPolicy(readFor(ABOUT_A_LOG_GROUP, aPolicy([ROOT, deny])), [groups(OTHER), groups(MEMBER)]);

    expect(found).toMatchObject({ kind: 'REFUSED', refusal: { code: 'KEY_POLICY_DENIES' } });
  });

  it('is not needed where the policy allows all of them', () => {
    const policy = readFor(ABOUT_A_LOG_GROUP, repairedFor([ROOT]).text);

    expect(repairKeyPolicy(policy, SCOPES).kind).toBe('NONE_NEEDED');
  });

  it('of 400 is one that KMS accepts, and of 700 is refused by its size', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => groups(String(100_000_000_000 + index))) as unknown as Scopes;

    expect(Buffer.byteLength(repairedFor([ROOT], many(400)).text)).toBeLessThan(MAX_POLICY_BYTES);
    expect(repairKeyPolicy(readFor(ABOUT_A_LOG_GROUP, aPolicy([ROOT])), many(700))).toMatchObject({
      refusal: { code: 'TOO_LARGE' },
    });
  });

  it.each<[string, Scopes, string]>([
    ['all log groups', SCOPES, `all log groups of accounts ${MEMBER}, ${OTHER} in us-east-1`],
    ['some', [groups(MEMBER, '/app/*')], `all log groups whose name begins with /app/ of account ${MEMBER}`],
    ['query results', [{ type: 'query-results', account: MEMBER }], `the query results of account ${MEMBER}`],
    [
      'an organization',
      [{ type: 'organization', orgId: 'o-a1b2c3d4e5', pattern: patternOf('*') }],
      'all principals of the organization o-a1b2c3d4e5 in us-east-1',
    ],
  ])('is said in words: %s', (_what, scopes, text) => {
    expect(scopeText(scopes)).toBe(text);
  });
});

describe('a repair for the principals of other accounts', () => {
  const principals = (account: string) => ({ ...groups(account), type: 'readers-and-writers' }) as RepairScope;

  it('reaches its goal once the key policy leaves the rest to their own policies', () => {
    const theirs: Json = { ...ROOT, Sid: 'Member', Principal: { AWS: MEMBER } };
    const policy = readFor(ABOUT_A_LOG_GROUP, aPolicy([ROOT, theirs]));

    expect(repairKeyPolicy(policy, [principals(MEMBER)]).kind).toBe('NONE_NEEDED');
    // In the account of the key, only a statement for everybody does.
    expect(repairKeyPolicy(policy, [principals(ACCOUNT)]).kind).toBe('REPAIR');
  });

  it('for an organization is refused where some account of it is denied', () => {
    const fence = aDeny({ Condition: { StringNotEquals: { 'kms:CallerAccount': [ACCOUNT, MEMBER] } } });
    const policy = readFor(ABOUT_A_LOG_GROUP, aPolicy([ROOT, fence]));
    const organization: RepairScope = { type: 'organization', orgId: 'o-a1b2c3d4e5', pattern: patternOf('*') };

    expect(repairKeyPolicy(policy, [organization])).toMatchObject({ refusal: { code: 'KEY_POLICY_DENIES' } });
    expect(repairKeyPolicy(policy, [principals(MEMBER)]).kind).toBe('REPAIR');
  });
});
