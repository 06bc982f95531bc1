import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it, test } from 'vitest';
import { readConfiguration } from '../../lib/config/read-configuration.ts';
import type { RemoteConfigSource } from '../../lib/domain/config-source.ts';
import { awsConfigBytes } from '../../lib/runtime.ts';
import { NO_WAITS } from '../support/host.ts';
import { refusal, serve, type TinyAnswer } from './tiny-server.ts';

const PARAMETER: RemoteConfigSource = { type: 'SSM', name: '/logseal/config' };
const OBJECT: RemoteConfigSource = { type: 'S3', bucket: 'my.bucket', key: 'a b/logseal.yaml' };
const MAX_BYTES = 100_000;
const NO_PARAMETER = 'this account has no parameter /logseal/config in eu-west-1';

async function bytesOf(source: RemoteConfigSource): Promise<string> {
  const bytes = await awsConfigBytes(source, { region: 'eu-west-1', maxBytes: MAX_BYTES, maxAttempts: 2, ...NO_WAITS });
  return Buffer.from(bytes).toString();
}

/** As S3 refuses a call. */
const s3Refusal =
  (code: string, status: number): TinyAnswer =>
  (_request, response) => {
    response.writeHead(status).end(`<Error><Code>${code}</Code><Message>no ${code}</Message></Error>`);
    return undefined;
  };

describe('a parameter of Systems Manager', () => {
  test('is read decrypted', async () => {
    const { requests } = await serve(() => ({ Parameter: { Value: 'schema: é' } }));

    expect(await bytesOf(PARAMETER)).toBe('schema: é');
    expect(requests).toMatchObject([
      { operation: 'GetParameter', input: { Name: '/logseal/config', WithDecryption: true } },
    ]);
  });

  const DENIED =
    'User: arn:aws:iam::111122223333:user/a is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-west-1:111122223333:key/1';
  it.each([
    ['there is none', refusal('ParameterNotFound'), { code: 'NOT_FOUND', message: NO_PARAMETER }],
    ['it has no such version', refusal('ParameterVersionNotFound'), { code: 'NOT_FOUND' }],
    ['the caller may not read it', refusal('AccessDeniedException', 'no'), { code: 'ACCESS_DENIED', message: 'no' }],
    [
      'the caller may not decrypt it',
      refusal('AccessDeniedException', DENIED),
      { code: 'ACCESS_DENIED', missingRight: { action: 'kms:Decrypt' } },
    ],
    ['there are too many calls', refusal('ThrottlingException'), { code: 'THROTTLED' }],
    ['the answer has no value', {}, { code: 'UNAVAILABLE' }],
  ])('where %s, that is the error', async (_why, answer, error) => {
    await serve(() => answer);

    await expect(bytesOf(PARAMETER)).rejects.toMatchObject({ call: 'ssm:GetParameter', ...error });
  });
});

describe('an object of S3', () => {
  const send = (response: ServerResponse, body: string) => void response.writeHead(200).end(body);

  test('is read', async () => {
    const { requests } = await serve((_request, response) => send(response, 'schema: é'));

    expect(await bytesOf(OBJECT)).toBe('schema: é');
    expect(requests.map(({ path }) => path)).toEqual(['/my.bucket/a%20b/logseal.yaml?x-id=GetObject']);
  });

  test('may be empty', async () => {
    await serve((_request, response) => send(response, ''));

    expect(await bytesOf(OBJECT)).toBe('');
  });

  test('that never ends is not read on', async () => {
    let sent = 0;
    const ended = Promise.withResolvers<void>();
    await serve((_request, response) => {
      response.writeHead(200).on('close', ended.resolve);
      const more = async () => {
        while (!response.destroyed) {
          sent += 10_000;
          if (!response.write('a'.repeat(10_000))) await Promise.race([once(response, 'drain'), ended.promise]);
        }
      };
      void more();
      return undefined;
    });

    const text = await bytesOf(OBJECT);

    expect(text.length).toBeGreaterThan(MAX_BYTES);
    expect(text.length).toBeLessThan(MAX_BYTES * 3);
    await ended.promise;
    expect(sent).toBeLessThan(100_000_000);
  });

  test('whose connection ends early is a failure of the network', async () => {
    await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
      return undefined;
    });

    await expect(bytesOf(OBJECT)).rejects.toMatchObject({ code: 'NETWORK', call: 's3:GetObject' });
  });

  it.each([
    ['there is none', 'NoSuchKey', 404, 'NOT_FOUND'],
    ['there is no such bucket', 'NoSuchBucket', 404, 'NOT_FOUND'],
    ['the caller may not read it', 'AccessDenied', 403, 'ACCESS_DENIED'],
    ['the access key does not exist', 'InvalidAccessKeyId', 403, 'CREDENTIALS'],
    ['there are too many calls', 'SlowDown', 503, 'UNAVAILABLE'],
  ])('where %s, that is the error', async (_why, name, status, code) => {
    await serve(s3Refusal(name, status));

    await expect(bytesOf(OBJECT)).rejects.toMatchObject({ code, call: 's3:GetObject', message: `no ${name}` });
  });
});

describe('a configuration in AWS', () => {
  const now = new Date('2026-11-28T12:00:00Z');
  const read = () =>
    readConfiguration(
      (maxBytes) => awsConfigBytes(PARAMETER, { region: 'eu-west-1', maxBytes, maxAttempts: 2, ...NO_WAITS }),
      now,
    );

  test('is read', async () => {
    await serve(() => ({ Parameter: { Value: 'schema: logseal/config/1' } }));

    expect(await read()).toMatchObject({ status: 'READ', configuration: { exemptions: [], keys: [] } });
  });

  test('with a mistake is not what it says', async () => {
    await serve(() => ({ Parameter: { Value: 'schema: x' } }));

    expect(await read()).toMatchObject({ status: 'MISTAKES', mistakes: [{ line: 1 }] });
  });

  test('that cannot be read is nothing else', async () => {
    await serve(() => refusal('AccessDeniedException', 'no'));

    expect(await read()).toMatchObject({
      status: 'UNREADABLE',
      failure: { code: 'ACCESS_DENIED', call: 'ssm:GetParameter', message: 'no', isTransient: false },
    });
  });
});
