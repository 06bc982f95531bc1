import * as Logs from '@aws-sdk/client-cloudwatch-logs';
import { describe, expect, it } from 'vitest';
import { aSandbox, clients, refusal } from './support.ts';

const PREFIX = 'arn:aws:logs:eu-west-1:111122223333';
const UNKNOWN_ID = '12ab3456-12ab-123a-789e-1234567890ab';
const groups = { '/a': null, '/b': null, '/delivery': { key: null, class: 'DELIVERY' as const }, '/k': 'k' };
const range = { startTime: 1, endTime: 1, queryString: 'fields @message' };

async function aCloud() {
  const Statement = [
    { Effect: 'Allow', Action: 'logs:StartQuery', Resource: `${PREFIX}:log-group:/a:*` },
    { Effect: 'Allow', Action: 'logs:GetQueryResults', Resource: '*' },
  ];
  const roles = { asker: { policies: [{ Statement }] }, nobody: { policies: [] } };
  const cloud = await aSandbox({ world: { keys: { k: {} }, groups, queryResults: 'k', roles } });
  const start = (input: object, { logs } = cloud) =>
    logs.send(new Logs.StartQueryCommand({ ...range, ...input } as Logs.StartQueryCommandInput));
  const results = (queryId = '', { logs } = cloud) => logs.send(new Logs.GetQueryResultsCommand({ queryId }));
  return { ...cloud, start, results };
}

describe('a query', () => {
  it('runs, completes, and names the key of the results at its start', async () => {
    const { logs, start, results } = await aCloud();
    const { logGroups } = await logs.send(new Logs.DescribeLogGroupsCommand({ logGroupIdentifiers: ['/k'] }));
    const { queryId } = await start({ logGroupName: '/a' });
    const resourceIdentifier = `${PREFIX}:query-result:*`;
    await logs.send(new Logs.DisassociateKmsKeyCommand({ resourceIdentifier }));
    const statistics = { bytesScanned: 0, recordsMatched: 0, recordsScanned: 0 };
    const expected = { results: [], statistics, encryptionKey: logGroups?.[0]?.kmsKeyId };
    expect(await results(queryId)).toMatchObject({ status: 'Running', ...expected });
    expect(await results(queryId)).toMatchObject({ status: 'Complete', ...expected });
    expect(await results(queryId)).toMatchObject({ status: 'Complete' });
    const second = await start({ logGroupName: '/a' });
    expect(await results(second.queryId)).not.toHaveProperty('encryptionKey');
    expect(second.queryId).not.toBe(queryId);
  });

  it.each([
    ['names', { logGroupNames: ['/a', '/b'] }, 'no error'],
    ['identifiers', { logGroupIdentifiers: ['/a', `${PREFIX}:log-group:/b`] }, 'no error'],
    ['no log group', {}, 'InvalidParameterException'],
    ['log groups in two ways', { logGroupName: '/a', logGroupNames: ['/a'] }, 'InvalidParameterException'],
    ['a log group that does not exist', { logGroupNames: ['/a', '/c'] }, 'ResourceNotFoundException'],
    ['a log group of the class DELIVERY', { logGroupName: '/delivery' }, 'InvalidParameterException'],
    ['an end before the start', { logGroupName: '/a', startTime: 2 }, 'InvalidParameterException'],
    ['no query string', { logGroupName: '/a', queryString: '' }, 'InvalidParameterException'],
  ])('is started with %s: %#', async (_title, input, expected) => {
    const { start } = await aCloud();
    expect((await refusal(start(input))).split(':')[0]).toBe(expected);
  });

  it('does not exist under another id', async () => {
    const { results } = await aCloud();
    expect(await refusal(results(UNKNOWN_ID))).toContain('ResourceNotFoundException');
  });

  it('needs a right on every log group, and one for its results', async () => {
    const { sandbox, start, results } = await aCloud();
    const asker = clients(sandbox, { account: 'asker' });
    const { queryId } = await start({ logGroupName: '/a' }, { ...asker } as never);
    expect(await results(queryId, asker as never)).toMatchObject({ status: 'Running' });
    expect(await refusal(start({ logGroupNames: ['/a', '/b'] }, asker as never))).toContain(
      `not authorized to perform: logs:StartQuery on resource: ${PREFIX}:log-group:/b:log-stream: because`,
    );
    expect(await refusal(results(queryId, clients(sandbox, { account: 'nobody' }) as never))).toContain(
      'not authorized to perform: logs:GetQueryResults on resource: * because',
    );
  });
});
