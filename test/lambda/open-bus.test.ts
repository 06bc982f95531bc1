import { expect, test } from 'vitest';
import { OutOfTimeError } from '../../lib/errors.ts';
import { openBus } from '../../lib/lambda/open-bus.ts';
import { TIME_TO_RETURN_MS } from '../../lib/pacing.ts';

test('work that was abandoned sends nothing when Lambda goes on with it', async () => {
  const sent: object[] = [];
  let remainingMs = TIME_TO_RETURN_MS;
  const bus = openBus({ send: async (events) => void sent.push(...events) }, () => remainingMs);
  const event = { detailType: 'Log Store Finding', detail: {} } as const;

  await bus.send([event]);
  remainingMs = -60_000;

  await expect(bus.send([event])).rejects.toThrow(OutOfTimeError);
  expect(sent).toEqual([event]);
});
