import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { aSandbox, clientConfig, FIXTURE, refusal } from './support.ts';

const PREFIX = 'arn:aws:lambda:eu-west-1:111122223333:function';
const world: World = {
  roles: {
    app: { path: '/teams/', policies: [] },
    reader: {
      policies: [
        { Statement: { Effect: 'Allow', Action: 'lambda:GetFunctionConfiguration', Resource: `${PREFIX}:orders` } },
      ],
    },
  },
  functions: { orders: { role: 'app' }, billing: { role: 'app', logGroup: '/shared' } },
};

async function aCloud() {
  const { sandbox } = await aSandbox({ world, stack: { template: FIXTURE } });
  const ask = (FunctionName: string, caller = {}) =>
    new LambdaClient(clientConfig(sandbox, caller)).send(new GetFunctionConfigurationCommand({ FunctionName }));
  return { sandbox, ask };
}

describe('GetFunctionConfiguration', () => {
  it('tells the role of a function and its log group, by name or ARN', async () => {
    const { ask } = await aCloud();
    expect(await ask('orders')).toMatchObject({
      FunctionName: 'orders',
      FunctionArn: `${PREFIX}:orders`,
      Role: 'arn:aws:iam::111122223333:role/teams/app',
      LoggingConfig: { LogFormat: 'Text', LogGroup: '/aws/lambda/orders' },
    });
    expect(await ask(`${PREFIX}:billing`)).toMatchObject({
      FunctionName: 'billing',
      LoggingConfig: { LogGroup: '/shared' },
    });
  });

  it('finds no function of another name, Region or account', async () => {
    const { ask } = await aCloud();
    const notFound = (arn: string) => `ResourceNotFoundException: Function not found: ${arn}`;
    expect(await refusal(ask('other'))).toBe(notFound(`${PREFIX}:other`));
    const there = PREFIX.replace('eu-west-1', 'us-east-1');
    expect(await refusal(ask('orders', { region: 'us-east-1' }))).toBe(notFound(`${there}:orders`));
    expect(await refusal(ask(`${there}:orders`))).toBe(notFound(`${there}:orders`));
    expect(await refusal(ask('orders', { account: '444455556666' }))).toContain('ResourceNotFoundException');
    await expect(ask('other')).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
  });

  it('needs a right on the function, for the role of a function of the stack too', async () => {
    const { ask } = await aCloud();
    expect(await refusal(ask('orders', { account: 'reader' }))).toBe('no error');
    const denied = `is not authorized to perform: lambda:GetFunctionConfiguration on resource: ${PREFIX}:billing because`;
    expect(await refusal(ask('billing', { account: 'reader' }))).toContain(denied);
    expect(await refusal(ask('billing', { path: '/_as/Work' }))).toContain(denied);
  });

  it('has a quota and can fail, for one function alone', async () => {
    const { sandbox, ask } = await aCloud();
    const call = 'lambda:GetFunctionConfiguration';
    sandbox.setFaults([{ call, kind: 'unavailable', resource: 'orders' }]);
    expect(await refusal(ask('orders'))).toContain('ServiceException');
    expect(await refusal(ask('billing'))).toBe('no error');
    sandbox.setQuotas({ [call]: 1 });
    expect(await refusal(ask('billing'))).toBe('no error');
    expect(await refusal(ask('billing'))).toBe('TooManyRequestsException: Rate exceeded');
  });

  it('is the only operation', async () => {
    const { sandbox } = await aCloud();
    const authorization =
      'AWS4-HMAC-SHA256 Credential=111122223333/20260101/eu-west-1/lambda/aws4_request, Signature=x';
    const response = await fetch(`${sandbox.url}/2015-03-31/functions/orders`, { headers: { authorization } });
    expect(response.headers.get('x-amzn-errortype')).toBe('UnknownOperationException');
  });
});
