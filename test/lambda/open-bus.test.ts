import { expect, test } from 'vitest';
import type { EventBus } from '../../lib/app/ports.ts';
import { OutOfTimeError } from '../../lib/errors.ts';
import { openBus } from '../../lib/lambda/open-bus.ts';
import { TIME_TO_RETURN_MS } from '../../lib/pacing.ts';

test('work that was abandoned sends no request when Lambda goes on with it, not even a repeated one', async () => {
  const sent: object[] = [];
  let remainingMs = TIME_TO_RETURN_MS;
  const sendsTwice: EventBus['send'] = async (events, beforeRequest) => {
    for (const _ of ['first', 'repeated']) {
      await beforeRequest?.();
      sent.push(...events);
      remainingMs = -60_000;
    }
  };
  const bus = openBus({ send: sendsTwice }, () => remainingMs);
  const event = { detailType: 'Log Store Finding', detail: {} } as const;

  await expect(bus.send([event])).rejects.toThrow(OutOfTimeError);
  await expect(bus.send([event])).rejects.toThrow(OutOfTimeError);

  expect(sent).toEqual([event]);
});
