import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { unlessInterrupted } from '../../cli/connect.ts';

describe('work that an interrupt ends', () => {
  it.each([
    ['done', () => Promise.resolve(new Uint8Array(1))],
    ['failed', () => Promise.reject(new Error('it failed'))],
  ])('leaves nothing at the signal once it is %s, so that what it returned can be freed', async (_, work) => {
    const { signal } = new AbortController();
    await unlessInterrupted(signal, work()).catch(() => {});

    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it.each(['before', 'while'])('ends at once where the interrupt comes %s it runs', async (when) => {
    const interruption = new AbortController();
    if (when === 'before') interruption.abort(new Error('interrupted'));
    const ended = unlessInterrupted(interruption.signal, new Promise(() => {}));
    interruption.abort(new Error('interrupted'));

    await expect(ended).rejects.toThrow('interrupted');
  });
});
