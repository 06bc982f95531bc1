import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { enterAccounts } from '../../lib/aws/account-role.ts';
import { createCalls } from '../../lib/aws/calls.ts';
import { serve } from './tiny-server.ts';

const OWN = { account: '111122223333', arn: 'arn:aws-cn:iam::111122223333:user/a', partition: 'aws-cn' };
const MEMBER = '444455556666';
const ROLE = { name: 'path/reader', externalId: null, sessionName: 'logseal-1' };
const HOUR_MS = 60 * 60_000;

/** STS, whose sessions last so long. @param failures how many requests it refuses first */
async function anSts(lastsMs: number, failures = 0) {
  const { requests } = await serve(({ number }, response) => {
    const isRefused = number <= failures;
    response.writeHead(isRefused ? 403 : 200, { 'content-type': 'text/xml' });
    const expires = new Date(Date.now() + lastsMs).toISOString();
    response.end(
      isRefused
        ? '<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: a is not authorized</Message></Error></ErrorResponse>'
        : `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA${number}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>${expires}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
    );
    return undefined;
  });
  const calls = createCalls();
  const enter = enterAccounts(ROLE, { maxAttempts: 1 }, async () => OWN);
  return { requests, calls, enter };
}

describe('the credentials of another account', () => {
  test('are of one session for all its Regions, and are asked for once', async () => {
    const { requests, calls, enter } = await anSts(HOUR_MS);

    const sources = ['cn-north-1', 'cn-northwest-1'].map((region) => enter(MEMBER, region, calls));
    const [first, second] = await Promise.all(sources.map((source) => source()));

    expect(first).toMatchObject({ accessKeyId: 'ASIA1', sessionToken: 't' });
    expect(second).toBe(first);
    expect(requests).toHaveLength(1);
    expect(calls.counts()).toEqual({ 'sts:AssumeRole': 1 });
  });

  test('are renewed when they expire within five minutes', async () => {
    const { enter, calls } = await anSts(HOUR_MS);
    const source = enter(MEMBER, 'cn-north-1', calls);
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const idAfter = async (minutes: number) => {
      vi.setSystemTime(Date.now() + minutes * 60_000);
      return (await source()).accessKeyId;
    };

    expect([await idAfter(0), await idAfter(54), await idAfter(2)]).toEqual(['ASIA1', 'ASIA1', 'ASIA2']);
  });

  test('a refusal is not remembered', async () => {
    const { enter, calls } = await anSts(HOUR_MS, 1);
    const source = enter(MEMBER, 'cn-north-1', calls);

    await expect(source()).rejects.toMatchObject({
      code: 'ROLE_REFUSED',
      call: 'sts:AssumeRole',
      message: 'User: a is not authorized',
    });
    await expect(source()).resolves.toMatchObject({ accessKeyId: 'ASIA2' });
  });

  test('are the own ones in the own account', async () => {
    const { enter, calls, requests } = await anSts(HOUR_MS);

    const { accessKeyId } = await enter(OWN.account, 'cn-north-1', calls)();

    expect(accessKeyId).toBe(process.env['AWS_ACCESS_KEY_ID']);
    expect(requests).toEqual([]);
  });

  test('are of the role in the partition and the account', async () => {
    const { enter, calls, requests } = await anSts(HOUR_MS);

    await enter(MEMBER, 'cn-north-1', calls)();

    const asked = new URLSearchParams(requests[0]?.input);
    expect(asked.get('RoleArn')).toBe(`arn:aws-cn:iam::${MEMBER}:role/path/reader`);
    expect(asked.get('RoleSessionName')).toBe('logseal-1');
    expect(asked.get('ExternalId')).toBeNull();
  });
});
