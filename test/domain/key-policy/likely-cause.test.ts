import { describe, expect, it } from 'vitest';
import { type LikelyCause, likelyCause } from '../../../lib/domain/key-policy/likely-cause.ts';
import {
  ABOUT_A_LOG_GROUP,
  aDeny,
  anAllow,
  aPolicy,
  type Json,
  KEY_ARN,
  LOGS,
  problemsOf,
  ROOT,
  readFor,
} from './builders.ts';

const PRINCIPALS = 'PRINCIPAL';
const LOCKOUT = 'LOCKOUT';
const ACCOUNT_ARN = 'arn:aws:iam::111122223333';
const USER = `${ACCOUNT_ARN}:user/deployer`;
const SESSION = 'arn:aws:sts::111122223333:assumed-role/deployer/me';

function causeOf(statements: readonly Json[], kind: 'PRINCIPAL' | 'LOCKOUT' | null, actor = USER): LikelyCause | null {
  return likelyCause(readFor(ABOUT_A_LOG_GROUP, aPolicy(statements)), kind, actor);
}
const allowTo = (AWS: string | readonly string[], elements: Json = {}) => anAllow({ Principal: { AWS }, ...elements });

const ORPHAN = allowTo('AROAEXAMPLEROLEID1234', { Sid: 'Gone' });
const NOBODY = { ...ROOT, Resource: `${KEY_ARN}0` };
const SNOWMAN = allowTo('111122223333', { Sid: '\u2603' });

/** What the validator says of a policy with a single problem. */
function found(statements: readonly Json[], code: string) {
  const problem = problemsOf(statements).find((each) => each.code === code);
  return { what: problem?.message ?? 'no such problem', fix: problem?.fix };
}

describe('the likely cause of a refusal is what the validator finds', () => {
  it.each<[string, Json, string]>([
    ['a principal that was deleted', ORPHAN, 'PRINCIPAL_ORPHAN'],
    ['a principal with a wildcard', allowTo(`${ACCOUNT_ARN}:role/*`), 'PRINCIPAL_PATTERN'],
    ['a principal of no known form', allowTo('somebody'), 'PRINCIPAL_INVALID'],
    ['a service principal of another form', anAllow({ Principal: { Service: 'logs.example' } }), 'SERVICE_NAME'],
  ])('of invalid principals: %s, not another problem', (_what, statement, code) => {
    const statements = [NOBODY, SNOWMAN, statement];

    expect(causeOf(statements, PRINCIPALS)).toEqual(found(statements, code));
  });

  it('of a lockout: that nobody could change the policy, not another problem', () => {
    const statements = [SNOWMAN, ORPHAN, NOBODY].map((each) => ({ ...each, Resource: `${KEY_ARN}0` }));

    expect(causeOf(statements, LOCKOUT)).toEqual(found(statements, 'LOCKS_OUT'));
  });

  it('of words that name no reason: the first problem', () => {
    const statements = [ROOT, ORPHAN];

    expect(causeOf(statements, null)).toEqual(found(statements, 'PRINCIPAL_ORPHAN'));
  });

  it('but a problem that does not fit the words of KMS is not it', () => {
    expect(causeOf([SNOWMAN], PRINCIPALS)).toBeNull();
    expect(causeOf([NOBODY], PRINCIPALS)).toBeNull();
    expect(causeOf([ROOT, ORPHAN], LOCKOUT)?.what).toMatch(/^the statement "Root" \(Allow, .*\) leaves it to the IAM/);
  });
});

describe('the likely cause of invalid principals', () => {
  const role = allowTo(`${ACCOUNT_ARN}:role/app`, { Sid: 'App' });
  const neighbour = allowTo(['arn:aws:iam::444455556666:root', '777788889999'], { Sid: 'Neighbour' });
  const service = anAllow({ Sid: 'Service', Principal: { Service: [LOGS, 'example.amazonaws.com'] } });

  it('is a service of an opt-in Region before a role that may be gone', () => {
    const regions = anAllow({ Sid: 'Regions', Principal: { Service: [LOGS, 'logs.eu-central-2.amazonaws.com'] } });

    expect(causeOf([ROOT, role, regions], PRINCIPALS)?.what).toMatch(
      /^the statement "Regions" \(Allow, .*\) names logs\.eu-central-2\.amazonaws\.com, and this account may not have enabled that Region$/,
    );
    expect(causeOf([ROOT, role], PRINCIPALS)?.what).toMatch(
      /^the statement "App" \(Allow, .*\) names arn:aws:iam::111122223333:role\/app, and KMS refuses a role or user that does not exist$/,
    );
  });

  it('is each statement that names roles, users or sessions', () => {
    const user = aDeny({ Principal: { AWS: `${ACCOUNT_ARN}:user/x` }, Action: 'kms:Encrypt' });
    const what = causeOf([ROOT, role, user], PRINCIPALS)?.what;

    expect(what).toContain('the statement "App"');
    expect(what).toContain(`the 3rd statement (Deny, Principal AWS ${ACCOUNT_ARN}:user/x) names ${ACCOUNT_ARN}:user/x`);
    expect(what).not.toContain('"Root"');
  });

  it('is another account', () => {
    expect(causeOf([ROOT, neighbour, anAllow()], PRINCIPALS)?.what).toMatch(
      /^the statement "Neighbour" .* names arn:aws:iam::444455556666:root, 777788889999, and KMS refuses an account that does not exist$/,
    );
  });

  it('is another service than CloudWatch Logs', () => {
    expect(causeOf([ROOT, service], PRINCIPALS)?.what).toMatch(
      /^the statement "Service" .* names example\.amazonaws\.com, and KMS refuses a service that does not exist$/,
    );
  });

  it('is all of them, where there are several, and what to do is said', () => {
    expect(causeOf([ROOT, role, neighbour, service], PRINCIPALS)).toEqual({
      what: expect.stringMatching(
        /^the statement "App" .* a role or user that does not exist; or the statement "Neighbour" .* an account that does not exist; or the statement "Service" .* a service that does not exist$/,
      ),
      fix: 'correct or remove the principals that do not exist',
    });
  });
});

describe('the likely cause of a lockout', () => {
  const asAnother = 'run the command as an identity that the policy lets change it';
  const admin = allowTo(`${ACCOUNT_ARN}:role/admin`, { Sid: 'Admin', Action: ['kms:Get*', 'kms:Put*'] });
  const fence = aDeny({ Sid: 'Fence', Condition: { StringNotEquals: { 'aws:PrincipalOrgID': 'o-example' } } });
  const withMfa = { ...ROOT, Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } };

  it('is who may change the policy, since that is not the caller', () => {
    const use = allowTo(USER, { Sid: 'Use', Action: 'kms:Decrypt' });

    expect(causeOf([use, admin, anAllow({ Sid: 'Logs' }), NOBODY, allowTo('444455556666')], LOCKOUT)).toEqual({
      what: `no statement lets ${USER} use kms:PutKeyPolicy; others may, by the statement "Admin" (Allow, Principal AWS ${ACCOUNT_ARN}:role/admin)`,
      fix: asAnother,
    });
  });

  it('is a Deny that applies to the caller', () => {
    const deny = aDeny({ Sid: 'No', Principal: { AWS: USER }, Action: 'kms:Put*' });

    expect(causeOf([ROOT, aDeny({ Sid: 'Other', Action: 'kms:Decrypt' }), deny], LOCKOUT)).toEqual({
      what: `the statement "No" (Deny, Principal AWS ${USER}) denies ${USER} kms:PutKeyPolicy`,
      fix: asAnother,
    });
  });

  it('is that the IAM policies of the caller decide', () => {
    expect(causeOf([admin, ROOT], LOCKOUT)).toEqual({
      what: `the statement "Root" (Allow, Principal AWS 111122223333) leaves it to the IAM policies of ${USER}, which may not allow kms:PutKeyPolicy`,
      fix: `allow ${USER} kms:PutKeyPolicy on ${KEY_ARN}, or ${asAnother}`,
    });
  });

  it.each<[string, Json[], string, string]>([
    ['a Deny with a condition', [ROOT, fence], USER, '"Fence" (Deny, Principal "*")'],
    ['an Allow with a condition', [admin, withMfa], USER, '"Root" (Allow, Principal AWS 111122223333)'],
    ['an Allow to a role, for a session', [admin], SESSION, `"Admin" (Allow, Principal AWS ${ACCOUNT_ARN}:role/admin)`],
  ])('is a statement that may decide: %s', (_what, statements, actor, quote) => {
    expect(causeOf(statements, LOCKOUT, actor)).toEqual({
      what: `the statement ${quote} ${quote.includes('Deny') ? 'may deny' : 'may not allow'} ${actor} kms:PutKeyPolicy`,
      fix: asAnother,
    });
  });

  it('is not guessed where the policy allows it to the caller', () => {
    expect(causeOf([allowTo(USER)], LOCKOUT)).toBeNull();
  });
});

it('the likely cause is not guessed where nothing suggests one', () => {
  expect(causeOf([ROOT, allowTo(`${ACCOUNT_ARN}:role/app`)], null)).toBeNull();
  expect(causeOf([ROOT, anAllow()], PRINCIPALS)).toBeNull();
  expect(likelyCause(readFor(ABOUT_A_LOG_GROUP, '{'), LOCKOUT, USER)).toBeNull();
});
