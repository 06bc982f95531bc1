import { describe, expect, it } from 'vitest';
import { isReserved, logGroupArn, queryResultsArn, withoutStreamWildcard } from '../../lib/domain/log-store.ts';
import { aLogGroup, TARGET } from '../support/builders.ts';

describe('the ARN of a log group', () => {
  it('goes without the wildcard of its streams', () => {
    expect(logGroupArn('aws', TARGET, '/app#1')).toBe('arn:aws:logs:eu-west-1:111122223333:log-group:/app#1');
    expect(withoutStreamWildcard('arn:aws:logs:eu-west-1:111122223333:log-group:/a:*')).toBe(
      'arn:aws:logs:eu-west-1:111122223333:log-group:/a',
    );
  });

  it('that has no wildcard stays as it is', () => {
    expect(withoutStreamWildcard(aLogGroup('/a*').arn)).toBe(aLogGroup('/a*').arn);
  });
});

it('the query results of an account have one ARN in each Region', () => {
  expect(queryResultsArn('aws-us-gov', { ...TARGET, region: 'us-gov-west-1' })).toBe(
    'arn:aws-us-gov:logs:us-gov-west-1:111122223333:query-result:*',
  );
});

describe('what is reserved for AWS', () => {
  it.each([
    ['aws/spans', true],
    ['aws/', true],
    ['/aws/lambda/x', false],
    ['aws', false],
    ['awsome/x', false],
    ['AWS/x', false],
    ['x/aws/y', false],
  ])('%s: %s', (name, reserved) => {
    expect(isReserved(aLogGroup(name))).toBe(reserved);
  });

  it('is never the query results', () => {
    expect(isReserved({ ...aLogGroup('aws/x'), type: 'query-results' })).toBe(false);
  });
});
