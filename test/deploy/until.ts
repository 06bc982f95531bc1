import { setTimeout as wait } from 'node:timers/promises';

/**
 * Repeats a question until there is an answer.
 * @param what names the expected answer in the error
 * @throws Error when there is no answer in time
 */
export async function until<T>(
  what: string,
  withinMs: number,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  for (const startedAt = performance.now(); performance.now() - startedAt < withinMs; await wait(100)) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
  }
  throw new Error(`Waited ${withinMs} ms for ${what}`);
}
