import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { enterAccounts, type Session } from '../../lib/aws/account-role.ts';
import { createCalls } from '../../lib/aws/calls.ts';
import { SESSIONS_KEPT } from '../../lib/pacing.ts';
import { serve } from './tiny-server.ts';

const OWN = { account: '111122223333', arn: 'arn:aws-cn:iam::111122223333:user/a', partition: 'aws-cn' };
const MEMBER = '444455556666';
const ROLE = { name: 'path/reader', externalId: null, sessionName: 'logseal-1' };
const SESSION_ARN = `arn:aws-cn:sts::${MEMBER}:assumed-role/reader/logseal-1`;
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
        : `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA${number}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>${expires}</Expiration></Credentials><AssumedRoleUser><Arn>${SESSION_ARN}</Arn></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>`,
    );
    return undefined;
  });
  const calls = createCalls();
  const enter = enterAccounts(ROLE, { maxAttempts: 1 }, { region: 'cn-north-1', caller: async () => OWN });
  return { requests, calls, enter };
}

const credentialsOf = ({ credentials }: Session) => credentials();

const NOW_MS = Date.now();

/** Sets the clock to so many minutes after the start, until the test is over. */
function leapTo(minutes: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW_MS + minutes * 60_000 });
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

describe('the credentials of another account', () => {
  test('are of one session for all its Regions, and are asked for once', async () => {
    const { requests, calls, enter } = await anSts(HOUR_MS);

    const [first, second] = await Promise.all([enter(MEMBER, calls), enter(MEMBER, createCalls())].map(credentialsOf));

    expect(first).toMatchObject({ accessKeyId: 'ASIA1', sessionToken: 't' });
    expect(second).toBe(first);
    expect(requests).toHaveLength(1);
    expect(calls.counts()).toEqual({ 'sts:AssumeRole': 1 });
  });

  test('come with the identity of the session, without another call', async () => {
    const { requests, calls, enter } = await anSts(HOUR_MS);
    const { caller } = enter(MEMBER, calls);

    expect(await caller()).toEqual({ account: MEMBER, arn: SESSION_ARN, partition: 'aws-cn' });
    expect(requests).toHaveLength(1);
  });

  test('are asked for in the same Region for every account', async () => {
    const { requests, calls, enter } = await anSts(HOUR_MS);

    for (const account of [MEMBER, '777788889999']) await enter(account, calls).credentials();

    const inHome = expect.stringContaining('/cn-north-1/sts/');
    expect(requests).toMatchObject([{ authorization: inHome }, { authorization: inHome }]);
  });

  test('are forgotten when many other accounts were entered meanwhile, and are asked for again', async () => {
    const { requests, calls, enter } = await anSts(HOUR_MS);
    const others = Array.from({ length: SESSIONS_KEPT }, (_, index) => String(500_000_000_000 + index));

    await enter(MEMBER, calls).credentials();
    for (const account of others.slice(1)) enter(account, calls);
    await enter(MEMBER, calls).credentials();
    expect(requests).toHaveLength(1);
    for (const account of others) enter(account, calls);
    await enter(MEMBER, calls).credentials();

    expect(requests).toHaveLength(2);
  });

  test('are renewed when they expire within five minutes', async () => {
    const { enter, calls } = await anSts(HOUR_MS);
    const { credentials } = enter(MEMBER, calls);
    const idAfter = async (minutes: number) => {
      leapTo(minutes);
      return (await credentials()).accessKeyId;
    };

    expect([await idAfter(0), await idAfter(54), await idAfter(56)]).toEqual(['ASIA1', 'ASIA1', 'ASIA2']);
  });

  test('a refusal holds for a minute, for whatever needs the account', async () => {
    const { enter, calls, requests } = await anSts(HOUR_MS, 1);
    leapTo(0);

    for (const part of ['credentials', 'caller'] as const) {
      await expect(enter(MEMBER, calls)[part]()).rejects.toMatchObject({
        code: 'ROLE_REFUSED',
        call: 'sts:AssumeRole',
        message: 'User: a is not authorized',
      });
    }
    expect(requests).toHaveLength(1);
    leapTo(1);
    await expect(enter(MEMBER, calls).credentials()).resolves.toMatchObject({ accessKeyId: 'ASIA2' });
  });

  test('are the own ones in the own account', async () => {
    const { enter, calls, requests } = await anSts(HOUR_MS);

    const { accessKeyId } = await enter(OWN.account, calls).credentials();

    expect(accessKeyId).toBe(process.env['AWS_ACCESS_KEY_ID']);
    expect(requests).toEqual([]);
  });

  test('are of the role in the partition and the account', async () => {
    const { enter, calls, requests } = await anSts(HOUR_MS);

    await enter(MEMBER, calls).credentials();

    const asked = new URLSearchParams(requests[0]?.input);
    expect(asked.get('RoleArn')).toBe(`arn:aws-cn:iam::${MEMBER}:role/path/reader`);
    expect(asked.get('RoleSessionName')).toBe('logseal-1');
    expect(asked.get('ExternalId')).toBeNull();
  });
});
