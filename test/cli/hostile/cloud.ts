import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** Is in every hostile text, so that what is left of one can be found. */
export const MARK = 'EVIL';

/** Terminal escapes, C1 controls, characters that turn the direction, HTML and a formula, as no name of AWS has them. */
export const HOSTILE = `=${MARK}\u001b[2J\u001b]0;${MARK}\u0007\u009b31m\u202e\u2066\u200b\r\n<img src=x onerror=${MARK}>\`|@${MARK}${'x'.repeat(400)}`;

const ACCOUNT = '111122223333';
const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const OTHER = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/${HOSTILE}`;

/** A policy whose statement has a hostile name, and does not let CloudWatch Logs use the key. */
export const HOSTILE_POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Sid: HOSTILE, Effect: 'Allow', Principal: { AWS: HOSTILE }, Action: `kms:${HOSTILE}`, Resource: HOSTILE },
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' },
  ],
});

/**
 * A cloud every text of which is hostile, the words of its errors too.
 * @returns the environment that leads to it, until the test ends
 */
export async function aHostileCloud(): Promise<Record<string, string>> {
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { status, type, answer } = answerTo(request, body);
    response.writeHead(status, { 'content-type': type }).end(answer);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'eu-west-1',
  };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly answer: string;
}

function answerTo({ headers }: IncomingMessage, body: string): Answer {
  const operation = `${headers['x-amz-target'] ?? ''}`.split('.').at(-1) ?? '';
  if (body.includes('Action=GetCallerIdentity')) return identity();
  const answer = ANSWERS[operation]?.(body);
  if (answer) return { status: 200, type: 'application/x-amz-json-1.1', answer: JSON.stringify(answer) };
  const error = { __type: 'AccessDeniedException', message: `${HOSTILE} is not authorized to perform: ${HOSTILE}` };
  return { status: 400, type: 'application/x-amz-json-1.1', answer: JSON.stringify(error) };
}

function identity(): Answer {
  const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/${[...HOSTILE].map((one) => `&#${one.codePointAt(0)};`).join('')}/s`;
  const result = `<Arn>${arn.replaceAll('&#27;', '?').replaceAll('&#7;', '?')}</Arn><Account>${ACCOUNT}</Account><UserId>A</UserId>`;
  return {
    status: 200,
    type: 'text/xml',
    answer: `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>${result}</GetCallerIdentityResult></GetCallerIdentityResponse>`,
  };
}

const ANSWERS: Readonly<Record<string, (body: string) => object | undefined>> = {
  DescribeLogGroups: () => ({
    logGroups: [
      { logGroupName: `/${HOSTILE}`, arn: `arn:aws:logs:eu-west-1:${ACCOUNT}:log-group:/${HOSTILE}:*` },
      {
        logGroupName: `/${HOSTILE}/2`,
        arn: `arn:aws:logs:eu-west-1:${ACCOUNT}:log-group:/${HOSTILE}/2:*`,
        kmsKeyId: OTHER,
      },
      {
        logGroupName: `/${HOSTILE}/3`,
        arn: `arn:aws:logs:eu-west-1:${ACCOUNT}:log-group:/${HOSTILE}/3:*`,
        kmsKeyId: KEY,
      },
    ],
  }),
  DescribeKey: (body) => (body.includes(MARK) ? undefined : { KeyMetadata: METADATA }),
  GetKeyPolicy: () => ({ Policy: HOSTILE_POLICY, PolicyName: 'default' }),
};

const METADATA = {
  KeyId: KEY.split('/')[1],
  Arn: KEY,
  AWSAccountId: ACCOUNT,
  Enabled: true,
  KeyState: 'Enabled',
  KeyManager: 'CUSTOMER',
  KeySpec: HOSTILE,
  KeyUsage: HOSTILE,
  Origin: HOSTILE,
  MultiRegion: false,
};
