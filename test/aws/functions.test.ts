import { expect, test } from 'vitest';
import { aCloud, refusal, serve } from './tiny-server.ts';

const FUNCTION = 'arn:aws:lambda:eu-west-1:111122223333:function:orders';
const ROLE = 'arn:aws:iam::111122223333:role/app';

test('a function is read by its name, with its role and its log group', async () => {
  const { requests } = await serve(() => ({
    FunctionArn: FUNCTION,
    Role: ROLE,
    LoggingConfig: { LogGroup: '/shared' },
  }));
  const cloud = aCloud();

  expect(await cloud.lambdaFunction?.('orders')).toEqual({ arn: FUNCTION, roleArn: ROLE, logGroup: '/shared' });
  expect(requests[0]?.path).toBe('/2015-03-31/functions/orders/configuration');
  expect(cloud.apiCalls()).toEqual({ 'lambda:GetFunctionConfiguration': 1 });
});

test('a function without a log group of its own writes to the one that Lambda names after it', async () => {
  await serve(() => ({ FunctionArn: FUNCTION, Role: ROLE }));

  expect(await aCloud().lambdaFunction?.('orders')).toMatchObject({ logGroup: '/aws/lambda/orders' });
});

test.each([
  ['there is no such function', refusal('ResourceNotFoundException', 'not found', 404), 'NOT_FOUND'],
  ['the caller lacks the right', refusal('AccessDeniedException', 'no', 403), 'ACCESS_DENIED'],
  ['there are too many calls', refusal('TooManyRequestsException', 'slow down', 429), 'THROTTLED'],
  ['the answer lacks the role', { FunctionArn: FUNCTION }, 'UNAVAILABLE'],
])('where %s, that is the error', async (_why, answer, code) => {
  await serve(() => answer);

  await expect(aCloud().lambdaFunction?.('orders')).rejects.toMatchObject({
    code,
    call: 'lambda:GetFunctionConfiguration',
  });
});
