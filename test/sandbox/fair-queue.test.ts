import { expect, it } from 'vitest';
import { Queue } from '../../sandbox/queue.ts';

/** A queue with so many messages of each group, in this order. */
function aQueue(...groups: [group: string, count: number][]) {
  const queue = new Queue('q', 'arn', 'url', 1);
  for (const [group, count] of groups) for (let n = 1; n <= count; n++) queue.send(`${group}${n}`, {}, 0, group);
  return queue;
}
const bodies = (queue: Queue, max: number) => queue.receive(max, 100).map(({ body }) => body);

it('a message of a quiet group comes before the backlog of one that has messages in flight', () => {
  const queue = aQueue(['noisy', 20]);
  expect(bodies(queue, 3)).toEqual(['noisy1', 'noisy2', 'noisy3']);

  queue.send('quiet1', {}, 0, 'quiet');

  expect(bodies(queue, 3)).toEqual(['quiet1', 'noisy4', 'noisy5']);
});

it('groups take turns within a batch, the oldest of each first', () => {
  const queue = aQueue(['a', 4], ['b', 2]);

  expect(bodies(queue, 5)).toEqual(['a1', 'b1', 'a2', 'b2', 'a3']);
});

it('messages that were deleted are in flight no longer', () => {
  const queue = aQueue(['a', 3], ['b', 3]);
  for (const { receiptHandle, body } of queue.receive(4, 100)) if (body.startsWith('a')) queue.delete(receiptHandle);

  expect(bodies(queue, 1)).toEqual(['a3']);
});

it('messages without a group come in their order', () => {
  expect(bodies(aQueue(['', 4]), 3)).toEqual(['1', '2', '3']);
});
