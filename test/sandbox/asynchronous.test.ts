import { expect, test } from 'vitest';
import { realClock } from '../../sandbox/clock.ts';
import { invokeLater } from '../../sandbox/stack/asynchronous.ts';

test('each attempt at an event has the same request id, and so has the record of its failure', async () => {
  const ids: string[] = [];
  const records: unknown[] = [];

  await invokeLater(
    {
      ...{ functionArn: 'arn', maxRetries: 2, timeScale: 0.00001, clock: realClock },
      invoke: async (_, requestId) => {
        ids.push(requestId);
        throw new Error('no');
      },
      onFailure: (record) => records.push(record),
    },
    {},
  );

  expect(ids).toEqual([ids[0], ids[0], ids[0]]);
  expect(records).toMatchObject([{ requestContext: { requestId: ids[0], approximateInvokeCount: 3 } }]);
});
