import { randomUUID } from 'node:crypto';
import pMap from 'p-map';
import type { Target } from '../lib/domain/target.ts';
import { CONCURRENT_TARGETS } from '../lib/pacing.ts';
import type { Run } from '../lib/report/documents.ts';
import type { Host } from './host.ts';

/** A run that begins now. */
export function newRun(host: Pick<Host, 'now'>): Omit<Run, 'finishedAt'> {
  return { id: randomUUID(), startedAt: host.now().toISOString() };
}

export function finished(run: Omit<Run, 'finishedAt'>, host: Pick<Host, 'now'>): Run {
  return { ...run, finishedAt: host.now().toISOString() };
}

/**
 * Changes several targets side by side. If something is thrown for one of them, the others are completed first, and the user
 * is told how to take back what was done.
 * @throws the first thing that was thrown
 */
export async function changeTargets<T, Result>(
  groups: readonly [Target, T[]][],
  change: (target: Target, items: T[]) => Promise<Result>,
  { err }: Host,
  undoHint: string,
): Promise<Result[]> {
  try {
    return await pMap(groups, ([target, items]) => change(target, items), {
      concurrency: CONCURRENT_TARGETS,
      stopOnError: false,
    });
  } catch (error) {
    err.write(`The run was cut short. To take back what it changed: ${undoHint}\n`);
    throw error instanceof AggregateError ? error.errors[0] : error;
  }
}
