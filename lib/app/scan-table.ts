import type { ConfigStatus } from '../domain/configuration.ts';
import type { Matches } from '../domain/exemption-matches.ts';
import type { Target } from '../domain/target.ts';

/** What a scan says when it takes its target. */
export interface Turn {
  readonly target: Target;
  readonly runId: string;
  /** The part of the run: where it goes on; null: at the beginning, so that it covers whatever asked for a scan before it. */
  readonly nextToken: string | null;
  /** Names what scans: no other scan of any invocation has this name, and a retry of the same invocation has it again. */
  readonly invocation: string;
  /** From when another run may take the target, in milliseconds since 1970, like every time here: the invocation is over then. */
  readonly heldUntil: number;
}

/**
 * `NOTED`: another run holds the target, and a scan follows when that one ends. `RUNNING`: another part of the run is under way, or
 * the time of the one that holds the target is nearly over, so that it may ask for no scan any more.
 */
export type Begun = 'HELD' | 'NOTED' | 'RUNNING';

/** What the last completed scan of a target found. */
export interface ScanState {
  readonly critical: number;
  /** Whether a key cannot be used that an open log store would be sealed with; without key rules the configured key; null: not known. */
  readonly keyUnusable: boolean | null;
  readonly matches: Matches;
}

/** What the parts of a run found together. */
export interface Counted extends ScanState {
  /** `UNREADABLE`: some part could not read it. */
  readonly config: ConfigStatus;
  /** The token of a part was refused, so that the run started again; it does so once. Default: false. */
  readonly hasStartedAgain?: boolean;
}

/** Where another part of a run goes on, and what all parts before it counted; null: not known. */
export interface NextPart {
  readonly nextToken: string;
  readonly counted: Counted | null;
}

/**
 * The table by which scans take turns: at most one run scans a target at a time, and a target is free again when an invocation
 * that died would have been over. Every method rejects with a `CloudError` when its call failed for good.
 * @example
 * if ((await scans.begin(turn, Date.now())) === 'HELD') await scans.end(turn, await scan(turn.target));
 */
export interface ScanTable {
  begin(turn: Turn, now: number): Promise<Begun>;
  /** Keeps the target for another part of the run. Until that one begins, the turn may still release or end the run. */
  handOver(turn: Turn, next: NextPart, now: number): Promise<void>;
  /**
   * What the parts of the run before this one counted: what an event says of that could be forged. null: not known, since the target
   * was not handed over to this run.
   */
  countedBefore(turn: Turn): Promise<Counted | null>;
  /**
   * Gives the target back after a failure: for any run if the turn is from the beginning, else for another try of the same part.
   * @returns since when scans of the target have failed without one that got on
   */
  release(turn: Turn, now: number): Promise<number>;
  /**
   * Gives the target back for good. If that had been done, it does nothing and returns the same.
   * @param found null: no more is known than before
   * @returns the id of the run that asked for a scan meanwhile, to be asked for again; null: none did
   */
  end(turn: Turn, found: ScanState | null): Promise<string | null>;
  /**
   * What was found, by the `targetKey` of each target that was scanned completely.
   * @param want `matches` false: those of all are empty, so that thousands of targets under many exemptions are read at once
   * `account`: only its targets
   */
  states(want: { readonly matches: boolean; readonly account?: string }): Promise<ReadonlyMap<string, ScanState>>;
  /** Forgets what was found in a target, until it is scanned again. A scan of it that is under way goes on. */
  forget(target: Target): Promise<void>;
}
