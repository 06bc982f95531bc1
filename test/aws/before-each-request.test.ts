import { expect, test } from 'vitest';
import { aLogGroup, KEY_ARN } from './builders.ts';
import { aCloud, refusal, serve } from './tiny-server.ts';

const STORE = aLogGroup('/app');

test.each([
  ['seal', 'AssociateKmsKey'],
  ['unseal', 'DisassociateKmsKey'],
] as const)('what is asked before a request is asked before each one that is repeated: %s', async (how, operation) => {
  const events: string[] = [];
  await serve(({ number, operation: of }) => {
    events.push(of);
    return number === 1 ? refusal('ThrottlingException', 'Rate exceeded') : {};
  });
  const { logStores } = aCloud();
  const before = async () => void events.push('asked');

  await (how === 'seal' ? logStores.seal(STORE, KEY_ARN, false, before) : logStores.unseal(STORE, before));

  expect(events).toEqual(['asked', operation, 'asked', operation]);
});

test.each([
  ['an error', new Error('not due any more')],
  ['a defect of the program', new TypeError('a defect')],
  [
    'an error that the SDK would repeat the request for',
    Object.assign(new Error('x'), { name: 'ThrottlingException' }),
  ],
])('where it throws %s, the request is not sent, and the error is thrown as it is', async (_, error) => {
  const { requests } = await serve(() => ({}));
  let asked = 0;
  const before = () => {
    asked++;
    return Promise.reject(error);
  };

  await expect(aCloud(4).logStores.seal(STORE, KEY_ARN, false, before)).rejects.toBe(error);

  expect(asked).toBe(1);
  expect(requests).toEqual([]);
  expect(Object.keys(error)).not.toContain('$metadata');
});

test('a later request of the same call is not sent either', async () => {
  const { requests } = await serve(() => refusal('ThrottlingException', 'Rate exceeded'));
  const error = new TypeError('a defect');
  let asked = 0;
  const before = async () => {
    if (++asked === 2) throw error;
  };

  await expect(aCloud(4).logStores.seal(STORE, KEY_ARN, false, before)).rejects.toBe(error);

  expect(requests).toHaveLength(1);
});

test('one change does not ask for another', async () => {
  await serve(() => ({}));
  const { logStores } = aCloud();
  let asked = 0;

  await logStores.seal(STORE, KEY_ARN, false, async () => void asked++);
  await logStores.seal(STORE, KEY_ARN);

  expect(asked).toBe(1);
});
