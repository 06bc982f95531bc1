import { describe, expect, it } from 'vitest';
import { findingOf } from '../../../lib/domain/finding.ts';
import {
  ANY_LOG_GROUP_NAME,
  isLogGroupName,
  LOG_GROUP,
  logGroupArn,
  nameHint,
  withoutStreamWildcard,
} from '../../../lib/domain/stores/log-group.ts';
import { aFoundLogGroup, aKeyArn, aLogGroup, TARGET } from '../../support/builders.ts';

describe('the name of a log group', () => {
  it.each(['/app/a', 'a', 'aws/spans', 'a#1', 'a_b-c.d', 'x'.repeat(512), ANY_LOG_GROUP_NAME])('can be %s', (name) => {
    expect(isLogGroupName(name)).toBe(true);
    expect(LOG_GROUP.nameMistake(name)).toBeUndefined();
  });

  it.each(['', 'a b', 'a:b', '*', 'ä', 'a\n', 'x'.repeat(513)])('cannot be %j', (name) => {
    expect(isLogGroupName(name)).toBe(false);
    expect(LOG_GROUP.nameMistake(name)).toBe(`expected the name of a log group, got ${JSON.stringify(name)}`);
  });
});

describe('an ARN in the place of a name', () => {
  const ARN = 'arn:aws:logs:eu-west-1:111122223333:log-group:/app/web';

  it.each([ARN, `${ARN}:*`, `${ARN}:log-stream:x`])('%s: the mistake says the name', (arn) => {
    expect(LOG_GROUP.nameMistake(arn)).toBe(
      `expected the name of a log group, got "${arn}": the name in this ARN is /app/web`,
    );
  });

  it.each(['arn:aws:kms:eu-west-1:111122223333:key/1', 'arn:aws:s3:::log-group:/app/web', 'log-group:/app/web'])(
    '%s has none',
    (text) => {
      expect(nameHint(text)).toBe('');
    },
  );
});

describe('the ARN of a log group', () => {
  it('has no wildcard for its streams', () => {
    expect(logGroupArn('aws', TARGET, '/app#1')).toBe('arn:aws:logs:eu-west-1:111122223333:log-group:/app#1');
    expect(withoutStreamWildcard('arn:aws:logs:eu-west-1:111122223333:log-group:/a:*')).toBe(
      'arn:aws:logs:eu-west-1:111122223333:log-group:/a',
    );
  });

  it('stays as it is if it has no wildcard', () => {
    expect(withoutStreamWildcard(aLogGroup('/a*').arn)).toBe(aLogGroup('/a*').arn);
  });

  it('is what a key policy is asked about', () => {
    expect(LOG_GROUP.policySubject(aLogGroup('/a'))).toEqual({ type: 'log-group', arn: aLogGroup('/a').arn });
  });
});

it('a log group is not sealed as long as it has no key', () => {
  expect(LOG_GROUP.whyNotSealed(aFoundLogGroup())).toMatchObject({ code: 'NO_KEY', severity: 'MEDIUM' });
  expect(LOG_GROUP.whyNotSealed(aFoundLogGroup('/a', aKeyArn()))).toBeUndefined();
});

describe('a log group that belongs to AWS is exempt', () => {
  it.each([
    ['aws/x', true],
    ['aws/', true],
    ['aws/spans/x', true],
    ['aws/Spans', true],
    // AWS documents AssociateKmsKey for it.
    ['aws/spans', false],
    ['/aws/lambda/x', false],
    ['aws', false],
    ['awsome/x', false],
    ['AWS/x', false],
    ['x/aws/y', false],
  ])('%s: %s', (name, reserved) => {
    const finding = findingOf(aFoundLogGroup(name), null, null, null);

    expect(finding).toMatchObject({
      status: reserved ? 'EXEMPT' : 'NON_COMPLIANT',
      severity: 'MEDIUM',
      reasons: [{ code: 'NO_KEY' }],
      exemption: reserved ? { id: 'aws-reserved', owner: 'AWS', expires: null } : null,
    });
  });
});

it('a log group can be given one key after the other', () => {
  expect(LOG_GROUP.configuresForGood).toBe(false);
  expect(LOG_GROUP.unsealedNote).toBeNull();
});
