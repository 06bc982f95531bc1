import { describe, expect, it } from 'vitest';
import type { KeyInspection } from '../../lib/domain/key.ts';
import { readersAndWriters, writersWarnings } from '../../lib/domain/readers-and-writers.ts';
import { logStoreOf } from '../../lib/domain/stores/index.ts';
import { QUERY_RESULTS_NAME } from '../../lib/domain/stores/query-results.ts';
import {
  aKeyArn,
  aLogGroup,
  aLogsPolicy,
  anInspection,
  aPolicyForAll,
  aPolicyInspection,
  OTHER_ACCOUNT,
  SERVICE,
  TARGET,
} from '../support/builders.ts';

const KEY = aKeyArn();
const RESULTS = logStoreOf('query-results', 'aws', TARGET, QUERY_RESULTS_NAME);
const REPAIR = `logseal key repair --key ${KEY} --region eu-west-1 --readers-and-writers`;
const ACTIONS = 'kms:DescribeKey, kms:Encrypt, kms:Decrypt, kms:ReEncryptFrom, kms:ReEncryptTo, kms:GenerateDataKey';
const under = (text: string): KeyInspection => anInspection({ policy: aPolicyInspection(text) });
const policyOf = (...statements: object[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [...JSON.parse(aPolicyForAll()).Statement, ...statements] });
const aDenyOf = (logGroups: string) => ({
  Sid: 'Fence',
  Effect: 'Deny',
  Principal: '*',
  Action: 'kms:Decrypt',
  Resource: '*',
  Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:*:*:log-group:${logGroups}` } },
});

describe('what a key policy shows about those who write and read', () => {
  it('is enough where it lets all principals of the account use the key', () => {
    expect(readersAndWriters(under(aPolicyForAll()), aLogGroup())).toEqual({
      access: 'ALL',
      message: expect.stringContaining('lets every principal of account 111122223333 use the key'),
      fix: null,
    });
  });

  it('depends on IAM where the policy leaves it to the account, and the fix has both ways', () => {
    expect(readersAndWriters(under(aLogsPolicy()), aLogGroup())).toEqual({
      access: 'IAM',
      message: expect.stringContaining('it depends on the policies of each principal'),
      fix: `allow ${ACTIONS} in the policies of each principal that writes or reads the logs; or let all principals of the account use the key through CloudWatch Logs: ${REPAIR}`,
    });
  });

  it('is nothing where the policy neither lets them in nor leaves it to IAM', () => {
    const [, logs] = JSON.parse(aLogsPolicy()).Statement;
    const found = readersAndWriters(under(JSON.stringify({ Statement: logs })), aLogGroup());

    expect(found?.access).toBe('NONE');
    expect(found?.fix).toMatch(
      /^allow kms:DescribeKey, .* in the key policy, for each principal that writes or reads the logs; or .* --region eu-west-1 --readers-and-writers$/,
    );
  });

  it('depends on the log group where a Deny does', () => {
    const fenced = under(policyOf(aDenyOf('/payments/*')));

    expect(readersAndWriters(fenced, aLogGroup('/app/a'))?.access).toBe('ALL');
    expect(readersAndWriters(fenced, aLogGroup('/payments/a'))).toMatchObject({
      access: 'DENIED',
      fix: `exclude those who write and read the logs from the statement "Fence" (Deny, Principal "*") of the key policy of ${KEY}: no Allow overrides a Deny`,
    });
  });

  it('is not known where the policy cannot be read; the fix has the statement', () => {
    const policy = { status: 'UNREADABLE', service: SERVICE, message: 'not read', fix: 'ask its owner for' } as const;
    const found = readersAndWriters(anInspection({ policy }), aLogGroup());

    expect(found).toMatchObject({ access: 'NOT_KNOWN', message: 'not read' });
    expect(found?.fix).toMatch(/^ask its owner for: \{"Sid":"LogsealReadersAndWriters",.*\}$/);
  });

  it('takes the policies of the principals too where the key is of another account', () => {
    const keyArn = KEY.replace('111122223333', '444455556666');
    const policy = { status: 'UNREADABLE', service: SERVICE, message: 'not read', fix: 'ask its owner for' } as const;
    const { fix } = readersAndWriters(anInspection({ keyArn, policy }), aLogGroup()) ?? {};

    expect(fix).toContain('"kms:CallerAccount":"111122223333"');
    expect(fix).toContain(`; and allow ${ACTIONS} on it in the policies of those who write and read the logs`);
  });

  it.each([
    ['none', '"111122223333"', 'NONE'],
    ['the other half', '["111122223333","444455556666"]', 'IAM'],
  ])(
    'for a log group of another account asks for the policies of the principals, and of the key policy for %s',
    (_what, accounts, access) => {
      const text = aPolicyForAll().replace('"kms:CallerAccount":"111122223333"', `"kms:CallerAccount":${accounts}`);
      const found = readersAndWriters(under(text), aLogGroup('/a', { account: OTHER_ACCOUNT }));

      expect(found?.access).toBe(access);
      expect(found?.fix).toContain(`allow ${ACTIONS} on ${KEY} in the policies of each principal`);
      expect(found?.fix?.includes('logseal key repair')).toBe(access === 'NONE');
      if (access === 'NONE') {
        expect(found?.fix).toMatch(
          /; and in account 111122223333, which has the key, run: logseal key repair .* --readers-and-writers --account 444455556666$/,
        );
      }
    },
  );

  it.each<[string, KeyInspection]>([
    ['of a key that was not found', anInspection({ keyArn: null })],
    ['that was not read', anInspection()],
    ['that is malformed', under('{}')],
    ['that is a role instead', anInspection({ policy: { status: 'ROLE', problem: null } })],
  ])('is not told by a policy %s', (_which, key) => {
    expect(readersAndWriters(key, aLogGroup())).toBeNull();
    expect(writersWarnings(key, aLogGroup())).toEqual([]);
  });
});

describe('the warning on a step', () => {
  it('says that nothing is proven, and how to change that', () => {
    const [warning] = writersWarnings(under(aLogsPolicy()), aLogGroup());

    expect(warning).toMatchObject({ code: 'WRITERS_UNPROVEN', severity: 'HIGH' });
    expect(warning?.message).toMatch(
      /each principal\. AWS's guide asks that .* rights on the key: kms:DescribeKey, kms:Encrypt, .* is not documented$/,
    );
    expect(warning?.fix).toContain(REPAIR);
  });

  it('is one object for all log groups of a key, so that a large plan stays small', () => {
    const key = under(aLogsPolicy());
    const [one] = writersWarnings(key, aLogGroup('/app/a'));
    const [other] = writersWarnings({ ...key }, aLogGroup('/app/b'));

    expect(other).toBe(one);
  });

  it('is for the log groups alone that a Deny is for', () => {
    const fenced = under(policyOf(aDenyOf('/payments/*')));

    expect(writersWarnings(fenced, aLogGroup('/app/a'))).toEqual([]);
    expect(writersWarnings(fenced, aLogGroup('/payments/a'))).toMatchObject([{ code: 'WRITERS_UNPROVEN' }]);
  });

  it('is for the results of queries too', () => {
    expect(writersWarnings(under(aLogsPolicy()), RESULTS)).toMatchObject([{ code: 'WRITERS_UNPROVEN' }]);
    expect(writersWarnings(under(aPolicyForAll()), RESULTS)).toEqual([]);
  });
});
