import { expect, it } from 'vitest';
import { logStoreOf } from '../../../lib/domain/stores/index.ts';
import { QUERY_RESULTS, QUERY_RESULTS_NAME, queryResultsArn } from '../../../lib/domain/stores/query-results.ts';
import { ACCOUNT, aKeyArn, TARGET } from '../../support/builders.ts';

const STORE = logStoreOf('query-results', 'aws', TARGET, QUERY_RESULTS_NAME);

it('the query results of an account have one ARN in each Region', () => {
  expect(queryResultsArn('aws-us-gov', { ...TARGET, region: 'us-gov-west-1' })).toBe(
    'arn:aws-us-gov:logs:us-gov-west-1:111122223333:query-result:*',
  );
});

it('the query results have one name', () => {
  expect(QUERY_RESULTS.nameMistake('query-result:*')).toBeUndefined();
  for (const name of ['', 'query-result', 'query-result:a', '/app/a']) {
    expect(QUERY_RESULTS.nameMistake(name)).toBe(`expected query-result:*, got ${JSON.stringify(name)}`);
  }
});

it('the query results are not sealed as long as they have no key, and are sealed by an option', () => {
  expect(QUERY_RESULTS.whyNotSealed({ store: STORE, keyArn: null })).toMatchObject({
    code: 'NO_KEY',
    fix: expect.stringContaining('--query-results'),
  });
  expect(QUERY_RESULTS.whyNotSealed({ store: STORE, keyArn: aKeyArn() })).toBeUndefined();
});

it('the query results can be given any key, and are never exempt by themselves', () => {
  expect(QUERY_RESULTS.whyUnchangeable({ store: STORE, keyArn: null }, aKeyArn(), [])).toBeUndefined();
  expect(QUERY_RESULTS.exemptions).toEqual([]);
});

it('a key policy is asked about the query results of an account', () => {
  expect(QUERY_RESULTS.policySubject(STORE)).toEqual({ type: 'query-results', account: ACCOUNT });
});
