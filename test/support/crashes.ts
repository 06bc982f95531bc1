import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import { type Desk, ended, startLogseal } from './logseal.ts';

/** Kills a command the way a machine dies, once the moment is there. */
export async function crash(desk: Desk, words: string, isTime: () => boolean | Promise<boolean>): Promise<void> {
  const child = startLogseal(words, desk.options);
  const end = ended(child);
  while (child.exitCode === null && !(await isTime())) await wait(5);
  child.kill('SIGKILL');
  const { status, stdout } = await end;
  // Killed, and not ended by itself before that.
  expect({ status, stdout }).toEqual({ status: null, stdout: '' });
}

/** A call that never gets through, or whose answer never does. */
export const FATES = {
  'not made': 'reset',
  made: 'reset-after',
} as const;
export type Fate = keyof typeof FATES;

/** How often a call came, throttled or not. */
export function tries({ sandbox }: Desk, call: string): number {
  const calls = sandbox.calls();
  return (calls[call] ?? 0) + (calls[`throttled:${call}`] ?? 0);
}
