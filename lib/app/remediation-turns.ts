import type { Target } from '../domain/target.ts';

/** An invocation that wants to change log stores of a target. */
export interface RemediationTurn {
  readonly target: Target;
  /** Names the invocation; no other has this name. */
  readonly invocation: string;
  /** From when another one may take its place, in milliseconds since 1970: the invocation is over then. */
  readonly heldUntil: number;
}

/**
 * How invocations take turns with a target, whose quota they would use up among themselves otherwise: at most two change its log
 * stores at a time, so that one makes changes while the other begins or ends. Every method rejects with a `CloudError`.
 * @example
 * const giveBack = await turns.take(turn, Date.now());
 * if (giveBack) await remediate(turn.target).finally(giveBack);
 */
export interface RemediationTurns {
  /** @returns what gives the target back; null: two others hold it */
  take(turn: RemediationTurn, now: number): Promise<(() => Promise<void>) | null>;
}
