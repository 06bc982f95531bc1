import type { ServerResponse } from 'node:http';
import { expect, test, vi } from 'vitest';
import { aCloud, serve, useEndpoint } from './tiny-server.ts';

function answer(response: ServerResponse, arn: string): undefined {
  const result = `<GetCallerIdentityResult><Account>111122223333</Account><Arn>${arn}</Arn></GetCallerIdentityResult>`;
  response.setHeader('content-type', 'text/xml');
  response.end(
    `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${result}</GetCallerIdentityResponse>`,
  );
}

test('STS is asked once, even for two concurrent callers', async () => {
  const { requests } = await serve((_, response) => answer(response, 'arn:aws-cn:iam::111122223333:user/a'));
  const cloud = aCloud();

  const [first, second] = await Promise.all([cloud.caller(), cloud.caller()]);

  expect(first).toEqual({ account: '111122223333', arn: 'arn:aws-cn:iam::111122223333:user/a', partition: 'aws-cn' });
  expect(second).toBe(first);
  expect(requests).toHaveLength(1);
  expect(cloud.apiCalls()).toEqual({ 'sts:GetCallerIdentity': 1 });
});

test('a failure is not remembered', async () => {
  await serve(({ number }, response) => {
    if (number > 1) return answer(response, 'arn:aws:iam::111122223333:user/a');
    response.writeHead(403, { 'content-type': 'text/xml' });
    response.end(
      '<ErrorResponse><Error><Code>ExpiredToken</Code><Message>The security token is expired</Message></Error></ErrorResponse>',
    );
    return undefined;
  });
  const cloud = aCloud();

  await expect(cloud.caller()).rejects.toMatchObject({ code: 'CREDENTIALS', message: 'The security token is expired' });
  await expect(cloud.caller()).resolves.toMatchObject({ account: '111122223333' });
});

test('an identity without a valid ARN is an error', async () => {
  await serve((_, response) => answer(response, 'nobody'));

  await expect(aCloud().caller()).rejects.toMatchObject({ code: 'UNAVAILABLE', call: 'sts:GetCallerIdentity' });
});

test('without credentials no request is sent', async () => {
  useEndpoint('http://127.0.0.1:9');
  vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);

  await expect(aCloud().caller()).rejects.toMatchObject({
    code: 'CREDENTIALS',
    message: expect.stringContaining('credentials'),
  });
});
