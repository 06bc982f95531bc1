import type { World } from '../../sandbox/world.ts';
import { NO_WAITS } from './host.ts';
import { keysOf } from './keys.ts';
import { aDesk, aWorld, type RunOptions, runHere, type Words } from './logseal.ts';

const START_MS = Date.UTC(2026, 0, 1, 12);

/** A writer that AWS does not check, 60 events a minute. */
export const FREE = { key: null, writer: { perMinute: 60 } };
/** One whose role has no rights on any key. */
export const LACKING = { key: null, writer: { perMinute: 60, role: 'lacking' } };
export const ROLES = { lacking: { policies: [] } };

/**
 * A desk whose clock stands at 12:00 and moves only while the command waits.
 * @param world what `aWorld` takes, or the path of a world
 * @param onWait called with the number of each minute of the watch as it begins, and waited for
 */
export async function aCanaryDesk(world: World | string, onWait: (minute: number) => unknown = () => {}) {
  let nowMs = START_MS;
  let minute = 0;
  const desk = await aDesk(
    typeof world === 'string' ? world : aWorld({ roles: ROLES, ...world }),
    () => new Date(nowMs),
  );
  const keys = keysOf(desk.sandbox);
  const wait = async (ms: number): Promise<void> => {
    if (ms === 60_000) await onWait(++minute);
    await NO_WAITS.wait?.(ms);
    nowMs += ms;
  };
  const options: RunOptions = { ...desk.options, now: () => new Date(nowMs), pacing: { ...NO_WAITS, wait } };
  return {
    ...desk,
    options,
    minutes: () => minute,
    keys,
    attached: keys.attached,
    run: (words: Words, more: RunOptions = {}) =>
      desk.run(words, { ...options, ...more, env: { ...options.env, ...more.env } }),
    /** Runs the command with a process that the test controls. */
    runHere: (words: Words, own: Parameters<typeof runHere>[1]) => runHere(words, own, options),
  };
}
