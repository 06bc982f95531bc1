import type { PolicyEntry } from '../domain/journal.ts';
import type { Outcome, Step } from '../domain/plan-step.ts';
import type { Colors } from './colors.ts';
import type { OutcomeDocument, PlanDocument } from './documents.ts';
import { paintDiff, policyDiff } from './policy-diff.ts';
import { columns, counted, failures, problems, shortKey } from './table.ts';

type ShownPlan = Pick<PlanDocument, 'steps' | 'targets'> & {
  readonly key: Pick<PlanDocument['key'], 'configured'> & Partial<Pick<PlanDocument['key'], 'targets'>>;
};

/** A plan as a person reads it: what would be sealed, what would not and why. */
export function planTable({ key, steps, targets }: ShownPlan, paint: Colors): string {
  const seals = steps.filter(({ action }) => action === 'SEAL').length;
  // What is wrong with the key shows in the steps, where there are any.
  const unfit = steps.length === 0 ? (key.targets ?? []).flatMap(({ refusals }) => refusals) : [];
  const forGood = steps.filter(({ irreversible }) => irreversible).length;
  return [
    table(steps, paint, (step) => {
      if (step.refusal) return paint.yellow(`refused: ${step.refusal.code}`);
      return step.irreversible ? paint.red('SEAL for good') : paint.green('SEAL');
    }),
    problems('Refused, and what fixes it', refusalsOf(steps), paint),
    problems('Nothing could be sealed with this key', unfit, paint),
    steps.length + unfit.length === 0 ? '' : '\n',
    failures(targets, paint),
    forGood === 0
      ? ''
      : paint.red(`${forGood} for good: neither type nor key of their encryption can ever be changed\n`),
    `${paint.bold(`${seals} to seal`)} with ${key.configured}, ${steps.length - seals} refused\n`,
  ].join('');
}

/** What taking changes back would do. */
export function undoTable(steps: readonly Step[], policies: readonly PolicyEntry[], paint: Colors): string {
  const diffs = policies.map(({ keyArn, from, to }) => paintDiff(policyDiff({ keyArn, from: to, to: from }), paint));
  const count = (action: Step['action']) => steps.filter((step) => step.action === action).length;
  return [
    table(steps, paint, (step) => {
      if (step.refusal) return paint.yellow(`left: ${step.refusal.code}`);
      return step.action === 'NONE' ? 'nothing to undo' : paint.green(step.action);
    }),
    problems('Left, and why', refusalsOf(steps), paint),
    ...diffs,
    steps.length === 0 ? '' : '\n',
    `${paint.bold(`${count('UNSEAL')} to unseal, ${count('SEAL')} to seal with the key they had, ${keyPolicies(policies)} to put back`)}\n`,
  ].join('');
}

/** What became of a plan, or of taking one back. @param undo the command that takes it back */
export function outcomeTable(
  { run, steps, targets, policies = [] }: OutcomeDocument,
  paint: Colors,
  undo: string,
): string {
  const ends = [...steps, ...policies].map(({ outcome }) => outcome);
  const count = (wanted: Outcome['outcome']) => ends.filter((outcome) => outcome === wanted).length;
  const unsealed = count('UNSEALED') > 0 ? `${count('UNSEALED')} unsealed, ` : '';
  const changed = policies.filter(({ outcome }) => outcome === 'CHANGED');
  const putBack = changed.length > 0 ? `${keyPolicies(changed)} put back, ` : '';
  const errors = [...steps, ...policies].flatMap(({ error }) => (error ? [{ ...error, fix: 'run it again' }] : []));
  return [
    table(steps, paint, (step) => {
      if (step.outcome === 'REFUSED') return paint.yellow(`REFUSED: ${step.refusal?.code}`);
      return step.outcome === 'FAILED' ? paint.red(`FAILED: ${step.error?.code}`) : paint.green(step.outcome);
    }),
    ...policies.map(({ keyArn, outcome }) => `${outcome} key policy of ${keyArn}\n`),
    problems('Refused, and what fixes it', refusalsOf([...steps, ...policies]), paint),
    problems('Failed', errors, paint),
    steps.length === 0 ? '' : '\n',
    steps.some(({ store, outcome }) => store.type === 'logstore' && outcome === 'UNSEALED') ? NOT_UNDONE : '',
    failures(targets, paint),
    `${paint.bold(`${count('SEALED')} sealed`)}, ${unsealed}${putBack}${count('UNCHANGED')} unchanged, ${count('REFUSED')} refused, ${count('FAILED')} failed (run ${run.id})\n`,
    count('SEALED') + count('UNSEALED') + changed.length > 0 ? `undo: ${undo}\n` : '',
  ].join('');
}

const NOT_UNDONE =
  'A Logstore that is unsealed takes new logs in the clear. What this does not undo: what was encrypted stays encrypted, and type and\n' +
  'key stay configured for good.\n';

function table<T extends Step | Outcome>(steps: readonly T[], paint: Colors, what: (step: T) => string): string {
  if (steps.length === 0) return '';
  const rows = steps.map((step) => [
    what(step),
    step.store.region,
    step.store.name,
    shortKey(step.fromKeyArn),
    step.refusal ? '-' : shortKey(step.toKeyArn),
  ]);
  return columns(['STEP', 'REGION', 'LOG STORE', 'FROM KEY', 'TO KEY'], rows, paint);
}

function keyPolicies({ length }: readonly unknown[]): string {
  return counted(length, 'key policy', 'key policies');
}

function refusalsOf(steps: readonly Pick<Step, 'refusal'>[]) {
  return steps.flatMap(({ refusal }) => (refusal ? [refusal] : []));
}
