import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { KEY_ARN } from './builders.ts';
import { aCloud, serve, useEndpoint } from './tiny-server.ts';

async function aClosedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

test.each(['127.0.0.1', 'localhost'])('a port of %s that nothing listens on is NETWORK', async (host) => {
  useEndpoint(`http://${host}:${await aClosedPort()}`);

  await expect(aCloud().keys.describe(KEY_ARN)).rejects.toMatchObject({
    code: 'NETWORK',
    message: expect.stringMatching(/^connect ECONNREFUSED /),
  });
});

test('a broken connection is retried', async () => {
  const { requests } = await serve(({ number }, response) => {
    if (number > 1) return { KeyMetadata: { Arn: KEY_ARN } };
    response.destroy();
    return undefined;
  });

  await aCloud().keys.describe(KEY_ARN);

  expect(requests).toHaveLength(2);
});

test('a connection that breaks every time is NETWORK', async () => {
  await serve((_, response) => {
    response.destroy();
    return undefined;
  });

  await expect(aCloud().keys.describe(KEY_ARN)).rejects.toMatchObject({
    code: 'NETWORK',
    message: expect.stringMatching(/./),
  });
});

test('a response that is not the service’s is UNAVAILABLE', async () => {
  await serve((_, response) => {
    response.end('<html>Please log in</html>');
    return undefined;
  });

  await expect(aCloud().keys.describe(KEY_ARN)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});
