import pMap from 'p-map';
import type { Cloud, CloudOf } from '../lib/app/ports.ts';
import type { TargetReport } from '../lib/app/scan/scan-target.ts';
import { failed, leftAsItIs, type Outcome, type Step } from '../lib/domain/plan-step.ts';
import { byTarget, type Target, targetKey } from '../lib/domain/target.ts';
import { CloudError } from '../lib/errors.ts';
import { CONCURRENT_TARGETS } from '../lib/pacing.ts';

/** Who changes each target: the session in an account that was entered, or the caller in its own account. */
export interface Sessions {
  /** ARN of the session, or why the target cannot be reached; undefined: there is nothing to change in it. */
  sessionIn(target: Target): string | CloudError | undefined;
  /** ARN of the session. @throws CloudError where the target cannot be reached */
  actorIn(target: Target): string;
}

/** Enters the account of each target, side by side. */
export async function openSessions(targets: readonly Target[], cloudOf: CloudOf): Promise<Sessions> {
  const opened = await pMap(
    byTarget(targets, (target) => target),
    async ([target]) => [targetKey(target), await actorOf(cloudOf(target))] as const,
    { concurrency: CONCURRENT_TARGETS },
  );
  const sessions = new Map(opened);
  const sessionIn = (target: Target) => sessions.get(targetKey(target));
  return {
    sessionIn,
    actorIn(target) {
      const session = sessionIn(target);
      if (typeof session === 'string') return session;
      throw session ?? new Error(`no session was opened in ${targetKey(target)}`);
    },
  };
}

async function actorOf(cloud: Cloud): Promise<string | CloudError> {
  try {
    await cloud.owner();
    return (await cloud.caller()).arn;
  } catch (error) {
    if (error instanceof CloudError) return error;
    throw error;
  }
}

/** Divides steps by whether their targets can be reached. Those in the other targets are not tried: they are FAILED. */
export function reachable<T>(
  items: readonly T[],
  stepOf: (item: T) => Step,
  sessions: Sessions,
): { readonly reached: T[]; readonly failures: Outcome[] } {
  const reached: T[] = [];
  const failures: Outcome[] = [];
  for (const item of items) {
    const step = stepOf(item);
    const session = sessions.sessionIn(step.store);
    if (!(session instanceof CloudError)) reached.push(item);
    else failures.push(step.action === 'NONE' ? leftAsItIs(step) : failed(step, session));
  }
  return { reached, failures };
}

/** The same report with who changes the target; FAILED where it cannot be reached. */
export function asReached(report: TargetReport, sessions: Sessions): TargetReport {
  const session = sessions.sessionIn(report);
  if (session === undefined) return report;
  if (typeof session === 'string') return { ...report, caller: session };
  const { caller: _, ...unreached } = report;
  return { ...unreached, status: 'FAILED', error: { code: session.code, message: session.message }, stores: 0 };
}
