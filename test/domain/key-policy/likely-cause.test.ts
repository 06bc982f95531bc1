import { describe, expect, it } from 'vitest';
import { likelyCause } from '../../../lib/domain/key-policy/likely-cause.ts';
import { ABOUT_A_LOG_GROUP, aDeny, anAllow, aPolicy, type Json, KEY_ARN, LOGS, ROOT, readFor } from './builders.ts';

const PRINCIPALS = 'Policy contains a statement with one or more invalid principals.';
const LOCKOUT = 'The new key policy will not allow you to update the key policy in the future.';
const ACTOR = 'arn:aws:sts::111122223333:assumed-role/deployer/me';
const ACCOUNT_ARN = 'arn:aws:iam::111122223333';

function causeOf(statements: readonly Json[], message: string): string | null {
  return likelyCause(readFor(ABOUT_A_LOG_GROUP, aPolicy(statements)), message, ACTOR);
}
const allowTo = (AWS: string | readonly string[], elements: Json = {}) => anAllow({ Principal: { AWS }, ...elements });

describe('the likely cause of a refusal', () => {
  it('is what the validator finds, whatever KMS says', () => {
    const orphan = allowTo('AROAEXAMPLEROLEID1234', { Sid: 'Gone' });

    for (const message of [PRINCIPALS, LOCKOUT, 'No.', '']) {
      expect(causeOf([ROOT, orphan], message)).toContain(
        'the statement "Gone" (Allow, Principal AWS AROAEXAMPLEROLEID1234)',
      );
    }
    expect(causeOf([{ ...ROOT, Resource: `${KEY_ARN}0` }], LOCKOUT)).toContain('the statement "Root"');
  });

  it('of invalid principals is a service of an opt-in Region before a role that may be gone', () => {
    const role = allowTo(`${ACCOUNT_ARN}:role/app`, { Sid: 'App' });
    const regions = anAllow({ Sid: 'Regions', Principal: { Service: [LOGS, 'logs.eu-central-2.amazonaws.com'] } });

    expect(causeOf([ROOT, role, regions], PRINCIPALS)).toMatch(
      /^the statement "Regions" \(Allow, .*\) names logs\.eu-central-2\.amazonaws\.com, and this account may not have enabled/,
    );
    expect(causeOf([ROOT, role], 'One or more invalid principal')).toMatch(
      /^the statement "App" \(Allow, .*\) names arn:aws:iam::111122223333:role\/app, and KMS refuses a role or user that does not/,
    );
  });

  it('of invalid principals is each statement that names roles, users or sessions', () => {
    const cause = causeOf(
      [
        ROOT,
        allowTo(`${ACCOUNT_ARN}:role/app`, { Sid: 'App' }),
        aDeny({ Principal: { AWS: `${ACCOUNT_ARN}:user/x` }, Action: 'kms:Encrypt' }),
      ],
      PRINCIPALS,
    );

    expect(cause).toContain('the statement "App"');
    expect(cause).toContain(
      `the 3rd statement (Deny, Principal AWS ${ACCOUNT_ARN}:user/x) names ${ACCOUNT_ARN}:user/x`,
    );
    expect(cause).not.toContain('"Root"');
  });

  it('of invalid principals is another account, where nobody else is named', () => {
    const neighbour = allowTo(['arn:aws:iam::444455556666:root', '777788889999'], { Sid: 'Neighbour' });

    expect(causeOf([ROOT, neighbour, anAllow()], PRINCIPALS)).toMatch(
      /^the statement "Neighbour" .* names arn:aws:iam::444455556666:root, 777788889999, and KMS refuses an account that does not exist/,
    );
    expect(causeOf([ROOT, anAllow()], PRINCIPALS)).toBeNull();
  });

  it('of a lockout is who may change the policy, since that is not the caller', () => {
    const admin = allowTo(`${ACCOUNT_ARN}:role/admin`, { Sid: 'Admin', Action: ['kms:Get*', 'kms:Put*'] });
    const user = allowTo(`${ACCOUNT_ARN}:role/app`, { Sid: 'Use', Action: 'kms:Decrypt' });
    const foreign = { ...ROOT, Resource: `${KEY_ARN}0` };

    expect(causeOf([user, admin, anAllow({ Sid: 'Logs' }), foreign, allowTo('444455556666')], LOCKOUT)).toBe(
      `only the statement "Admin" (Allow, Principal AWS ${ACCOUNT_ARN}:role/admin) allows kms:PutKeyPolicy, and ${ACTOR} is not covered`,
    );
    expect(
      causeOf([admin, { ...ROOT, Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }], LOCKOUT),
    ).toMatch(/^only the statement "Admin" \(.*\) and the statement "Root" \(.*\) allow kms:PutKeyPolicy, and /);
  });

  it('of a lockout is a Deny that may apply to the caller, where there is one', () => {
    const fence = aDeny({ Sid: 'Fence', Condition: { StringNotEquals: { 'aws:PrincipalOrgID': 'o-example' } } });
    const crypto = aDeny({ Sid: 'Other', Action: 'kms:Decrypt' });

    expect(causeOf([ROOT, crypto, fence], LOCKOUT)).toBe(
      `the statement "Fence" (Deny, Principal "*") may deny kms:PutKeyPolicy to ${ACTOR}`,
    );
  });

  it('is not guessed where nothing suggests one', () => {
    expect(causeOf([ROOT, allowTo(`${ACCOUNT_ARN}:role/app`)], 'The request was rejected.')).toBeNull();
    expect(likelyCause(readFor(ABOUT_A_LOG_GROUP, '{'), LOCKOUT, ACTOR)).toBeNull();
  });
});
