import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { parseArn } from '../../lib/domain/arn.ts';
import { ENTERED_TARGETS_KEPT } from '../../lib/pacing.ts';
import { awsClouds, defaultRegion } from '../../lib/runtime.ts';
import { aTarget } from '../support/builders.ts';
import { KEY_ARN } from './builders.ts';
import { serve, useEndpoint } from './tiny-server.ts';

async function configFile(text: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'logseal-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'config'), text);
  vi.stubEnv('AWS_CONFIG_FILE', join(directory, 'config'));
}

describe('awsClouds', () => {
  test('the clients of a Region are built once, and count their own calls', async () => {
    await serve(() => ({ KeyMetadata: { Arn: KEY_ARN } }));
    const cloudOf = awsClouds();

    await cloudOf(aTarget('eu-west-1')).keys.describe(KEY_ARN);

    expect(cloudOf(aTarget('eu-west-1'))).toBe(cloudOf(aTarget('eu-west-1')));
    expect(cloudOf(aTarget('eu-west-1')).apiCalls()).toEqual({ 'kms:DescribeKey': 1 });
    expect(cloudOf(aTarget('eu-west-2')).apiCalls()).toEqual({});
  });

  test('the caller is identified through one Region for all, if one is named', async () => {
    const { requests } = await serve((_, response) => {
      response.setHeader('content-type', 'text/xml');
      response.end(
        '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account><Arn>arn:aws:iam::111122223333:user/a</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>',
      );
      return undefined;
    });
    const cloudOf = awsClouds({ callerRegion: 'eu-west-1' });

    const callers = [await cloudOf(aTarget('eu-west-2')).caller(), await cloudOf(aTarget('eu-west-1')).caller()];

    expect(callers[0]).toBe(callers[1]);
    expect(callers[0]).toMatchObject({ account: '111122223333' });
    expect(requests).toMatchObject([{ authorization: expect.stringContaining('/eu-west-1/sts/') }]);
    expect(cloudOf(aTarget('eu-west-1')).apiCalls()).toEqual({ 'sts:GetCallerIdentity': 1 });
    expect(cloudOf(aTarget('eu-west-2')).apiCalls()).toEqual({});
  });

  test('another account is entered through a Region that every account has, if the caller is in an opt-in Region', async () => {
    const identity = '<Account>111122223333</Account><Arn>arn:aws:iam::111122223333:user/a</Arn>';
    const credentials =
      '<AssumedRoleUser><Arn>arn:aws:sts::444455556666:assumed-role/r/s</Arn></AssumedRoleUser><Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>';
    const { requests } = await serve(({ number }, response) => {
      const [name, result] = number === 1 ? ['GetCallerIdentity', identity] : ['AssumeRole', credentials];
      response.setHeader('content-type', 'text/xml');
      response.end(`<${name}Response><${name}Result>${result}</${name}Result></${name}Response>`);
      return undefined;
    });
    const accountRole = { name: 'r', externalId: null, sessionName: 's' };
    const cloudOf = awsClouds({ callerRegion: 'me-south-1', accountRole });

    await cloudOf({ provider: 'aws', account: '444455556666', region: 'me-south-1' }).caller();

    expect(requests.map(({ authorization }) => /([\w-]+)\/sts\//.exec(authorization)?.[1])).toEqual([
      'me-south-1',
      'us-east-1',
    ]);
  });

  test('all Regions and accounts use the same connections', async () => {
    const { requests } = await serve(() => ({ KeyMetadata: { Arn: KEY_ARN } }));
    const cloudOf = awsClouds();

    for (const region of ['eu-west-1', 'eu-west-2', 'us-east-1']) {
      await cloudOf(aTarget(region)).keys.describe(KEY_ARN);
    }

    expect(requests).toHaveLength(3);
    expect(new Set(requests.map(({ port }) => port)).size).toBe(1);
  });

  test('of the targets that are entered, the clients of the last ones are kept, and the counts of calls of all', async () => {
    await serve(({ input: { Action, RoleArn } }, response) => {
      if (!Action) return { KeyMetadata: { Arn: KEY_ARN } };
      const account = parseArn(RoleArn ?? '')?.account;
      const session = `<Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser><Arn>arn:aws:sts::${account}:assumed-role/reader/logseal-1</Arn></AssumedRoleUser>`;
      const identity = '<Account>111122223333</Account><Arn>arn:aws:iam::111122223333:user/a</Arn>';
      response.setHeader('content-type', 'text/xml');
      response.end(
        `<${Action}Response><${Action}Result>${account ? session : identity}</${Action}Result></${Action}Response>`,
      );
      return undefined;
    });
    const cloudOf = awsClouds({ accountRole: { name: 'reader', externalId: null, sessionName: 'logseal-1' } });
    const first = aTarget('eu-west-1', '444455556666');
    const others = Array.from({ length: ENTERED_TARGETS_KEPT }, (_, index) => aTarget('eu-west-1', `${5e11 + index}`));

    const cloud = cloudOf(first);
    await cloud.keys.describe(KEY_ARN);
    others.slice(1).map(cloudOf);
    expect(cloudOf(first)).toBe(cloud);
    others.map(cloudOf);
    expect(cloudOf(first)).not.toBe(cloud);
    await cloudOf(first).keys.describe(KEY_ARN);

    expect(cloudOf(first).apiCalls()).toEqual({ 'kms:DescribeKey': 2, 'sts:AssumeRole': 1 });
  });

  test('an account that these credentials do not belong to is refused, and one that they do belong to is not', async () => {
    await serve((_, response) => {
      response.setHeader('content-type', 'text/xml');
      response.end(
        '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account><Arn>arn:aws:iam::111122223333:user/a</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>',
      );
      return undefined;
    });
    const cloudOf = awsClouds();

    await expect(cloudOf(aTarget('eu-west-1', '111122223333')).owner()).resolves.toMatchObject({ partition: 'aws' });
    await expect(cloudOf(aTarget('eu-west-1', '444455556666')).owner()).rejects.toMatchObject({
      code: 'CREDENTIALS',
      message: 'these credentials belong to account 111122223333 and cannot reach account 444455556666',
    });
  });

  test('the endpoint of a service takes precedence over the general one', async () => {
    const { url, requests } = await serve(() => ({ KeyMetadata: { Arn: KEY_ARN } }));
    useEndpoint('http://127.0.0.1:9');
    vi.stubEnv('AWS_ENDPOINT_URL_KMS', `${url}/_as/Someone`);

    await awsClouds({ maxAttempts: 1 })(aTarget('eu-west-1')).keys.describe(KEY_ARN);

    expect(requests).toMatchObject([{ path: '/_as/Someone/' }]);
  });

  test.each([
    ['AWS_PROFILE', {}],
    ['an option', { profile: 'auditor' }],
  ])('a profile named by %s provides the credentials', async (_, options) => {
    const { requests } = await serve(() => ({ KeyMetadata: { Arn: KEY_ARN } }));
    await configFile('[profile auditor]\naws_access_key_id = AKIAAUDITOR\naws_secret_access_key = secret\n');
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    vi.stubEnv('AWS_PROFILE', 'profile' in options ? undefined : 'auditor');

    await awsClouds(options)(aTarget('eu-west-1')).keys.describe(KEY_ARN);

    expect(requests).toMatchObject([{ authorization: expect.stringContaining('Credential=AKIAAUDITOR/') }]);
  });
});

describe('defaultRegion', () => {
  test('comes from the environment', async () => {
    useEndpoint('http://127.0.0.1:9');
    vi.stubEnv('AWS_REGION', 'eu-north-1');

    expect(await defaultRegion()).toBe('eu-north-1');
  });

  test('comes from the profile', async () => {
    useEndpoint('http://127.0.0.1:9');
    await configFile('[profile auditor]\nregion = eu-south-1\n');

    expect(await defaultRegion('auditor')).toBe('eu-south-1');
  });

  test('is shown if it has the wrong form', async () => {
    useEndpoint('http://127.0.0.1:9');
    await configFile('[profile auditor]\nregion = eu south\n');

    await expect(defaultRegion('auditor')).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/^no Region that can be used \(.*"eu south".*profile auditor$/),
    });
  });

  test('if there is none, the error says how to set it', async () => {
    useEndpoint('http://127.0.0.1:9');

    await expect(defaultRegion()).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('AWS_REGION'),
    });
    await expect(defaultRegion('auditor')).rejects.toMatchObject({
      message: expect.stringContaining('profile auditor'),
    });
  });
});
