import type { OutcomeDocument, PlanDocument } from '../app/documents.ts';
import type { Outcome, Step } from '../domain/plan.ts';
import { type Colors, columns, failures, remarks, shortKey } from './table.ts';

type ShownPlan = Pick<PlanDocument, 'steps' | 'targets'> & { readonly key: { readonly configured: string } };

/** A plan as a person reads it: what would be sealed, what would not and why. */
export function planTable({ key, steps, targets }: ShownPlan, paint: Colors): string {
  const seals = steps.filter(({ action }) => action === 'SEAL').length;
  return [
    table(steps, paint, (step) => (step.refusal ? paint.yellow(`refused: ${step.refusal.code}`) : paint.green('SEAL'))),
    remarks('Refused, and what cures it', refusalsOf(steps), paint),
    steps.length === 0 ? '' : '\n',
    failures(targets, paint),
    `${paint.bold(`${seals} to seal`)} with ${key.configured}, ${steps.length - seals} refused\n`,
  ].join('');
}

/** What became of a plan. */
export function outcomeTable({ run, steps, targets }: OutcomeDocument, paint: Colors): string {
  const count = (outcome: Outcome['outcome']) => steps.filter((step) => step.outcome === outcome).length;
  const errors = steps.flatMap(({ error }) => (error ? [{ ...error, cure: 'apply again' }] : []));
  return [
    table(steps, paint, (step) => {
      if (step.outcome === 'REFUSED') return paint.yellow(`REFUSED: ${step.refusal?.code}`);
      return step.outcome === 'FAILED' ? paint.red(`FAILED: ${step.error?.code}`) : paint.green(step.outcome);
    }),
    remarks('Refused, and what cures it', refusalsOf(steps), paint),
    remarks('Failed', errors, paint),
    steps.length === 0 ? '' : '\n',
    failures(targets, paint),
    `${paint.bold(`${count('SEALED')} sealed`)}, ${count('UNCHANGED')} unchanged, ${count('REFUSED')} refused, ${count('FAILED')} failed (run ${run.id})\n`,
  ].join('');
}

function table<T extends Step>(steps: readonly T[], paint: Colors, what: (step: T) => string): string {
  if (steps.length === 0) return '';
  const rows = steps.map((step) => [
    what(step),
    step.store.region,
    step.store.name,
    shortKey(step.fromKeyArn),
    step.refusal ? '-' : shortKey(step.toKeyArn),
  ]);
  return columns(['STEP', 'REGION', 'LOG GROUP', 'FROM KEY', 'TO KEY'], rows, paint);
}

function refusalsOf(steps: readonly Step[]) {
  return steps.flatMap(({ refusal }) => (refusal ? [refusal] : []));
}
