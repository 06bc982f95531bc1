import type { Severity } from './catalogue-entry.ts';
import type { LogStore } from './log-store.ts';
import type { Refusal, StepWarning } from './reasons.ts';

interface StepFacts {
  readonly store: LogStore;
  /** The key that was attached when the step was planned; null: none. */
  readonly fromKeyArn: string | null;
  /** Of the finding that the step is about; null where it had none. Absent: nothing was evaluated, as for an undo. */
  readonly severity?: Severity | null | undefined;
  /** It would configure the encryption of a Logstore for the first time: type and key can never be changed after that. */
  readonly irreversible?: true | undefined;
  readonly warnings: readonly StepWarning[];
  /** The place of the key rule that names the key, counted from 0. Absent: no rule did. */
  readonly keyRule?: number | undefined;
  /** Only of an undo: the runs that changed the log store after the one that is taken back. Absent: none did. */
  readonly laterRuns?: readonly string[] | undefined;
}

/** Attaches a key. */
export type SealStep = StepFacts & { readonly action: 'SEAL'; readonly toKeyArn: string; readonly refusal: null };
/** Detaches whatever key there is. */
export type UnsealStep = StepFacts & { readonly action: 'UNSEAL'; readonly toKeyArn: null; readonly refusal: null };
/** Does nothing. */
export type NoStep = StepFacts & {
  readonly action: 'NONE';
  /** The key to seal with; null where it could not be found. */
  readonly toKeyArn: string | null;
  /** Why nothing would be done; null: there is nothing to do, or it is left for another run. */
  readonly refusal: Refusal | null;
  /** `LIMIT`: it would be sealed, but for the number of log stores that the run was limited to. */
  readonly skippedBy?: 'LIMIT' | undefined;
};

/** One log store's line of a plan. */
export type Step = SealStep | UnsealStep | NoStep;
/** A step that changes a log store. */
export type ChangeStep = SealStep | UnsealStep;

/**
 * What became of a step. `UNCHANGED`: there was nothing left to do, or the mode is Audit, which changes nothing. `SKIPPED`: it was
 * not tried, since the run was interrupted, stopped after its canary, or was limited (then it has `skippedBy`). `ROLLED_BACK`: it was carried out and taken back, since
 * the canary fell silent or its watch was interrupted.
 */
export interface Outcome extends StepFacts {
  readonly action: Step['action'];
  readonly toKeyArn: string | null;
  readonly refusal: Refusal | null;
  readonly skippedBy?: NoStep['skippedBy'];
  readonly outcome: 'SEALED' | 'UNSEALED' | 'UNCHANGED' | 'REFUSED' | 'FAILED' | 'SKIPPED' | 'ROLLED_BACK';
  /** What went wrong under FAILED, in the cloud's own words. */
  readonly error: { readonly code: string; readonly message: string } | null;
  /** Absent where a changed log store had the key that it was given, or had before, and where it is not read after the run. */
  readonly afterRun?: AfterRun;
}

/** What was found when a log store that the run had changed was read once more at its end. */
export type AfterRun =
  /** It had this key, neither the one that the run gave it nor the one before: somebody else attached or detached it. */
  | { readonly status: 'CHANGED'; readonly keyArn: string | null }
  /** It could not be read, or the run was interrupted. */
  | { readonly status: 'NOT_READ'; readonly message: string };

/** Whether the log store was changed. */
export function isChange({ outcome }: Outcome): boolean {
  return outcome === 'SEALED' || outcome === 'UNSEALED';
}

/** The step that a change becomes where something refuses it. */
export function refusedStep(step: ChangeStep, refusal: Refusal): NoStep {
  return { ...step, action: 'NONE', refusal };
}

/** The outcome of a step that is left as it is: refused, left for another run, or with nothing to do. */
export function leftAsItIs(step: NoStep): Outcome {
  if (step.skippedBy) return { ...step, outcome: 'SKIPPED', error: null };
  return { ...step, outcome: step.refusal ? 'REFUSED' : 'UNCHANGED', error: null };
}

/** The outcome of a step that could not be carried out this time, for another try. */
export function failed(step: Step, { code, message }: { readonly code: string; readonly message: string }): Outcome {
  return { ...step, refusal: null, outcome: 'FAILED', error: { code, message } };
}

/** The outcome of a step that was not tried. */
export function skipped(step: Step): Outcome {
  return { ...step, refusal: null, outcome: 'SKIPPED', error: null };
}
