import { REQUIRED_ACTIONS } from '../domain/key-policy/actions.ts';
import type { EvaluatedEffect } from '../domain/key-policy/evaluate.ts';
import type { CheckedPolicy } from './documents.ts';

/** The required actions that a policy was evaluated for, in their order; none where it is malformed. */
export function requiredActions({
  verdict,
  actions,
}: Pick<CheckedPolicy, 'verdict' | 'actions'>): (readonly [action: string, EvaluatedEffect])[] {
  if (verdict === 'MALFORMED') return [];
  return REQUIRED_ACTIONS.flatMap((action) => {
    const effect = actions[action];
    return effect ? [[action, effect] as const] : [];
  });
}

/** What decides a verdict other than ALLOWED: one sentence, and the action whose statement it is about, if any. */
export function whyNotAllowed(checked: CheckedPolicy): {
  readonly why: string;
  readonly decisive: EvaluatedEffect | null;
} {
  const of = (effect: EvaluatedEffect['effect']) =>
    requiredActions(checked).find(([, each]) => each.effect === effect)?.[1] ?? null;
  switch (checked.verdict) {
    case 'ALLOWED':
      return { why: 'the key policy lets CloudWatch Logs use the key', decisive: null };
    case 'DENIED': {
      const decisive = of('EXPLICIT_DENY');
      return { why: `the key policy denies CloudWatch Logs the use of the key: ${decisive?.because}`, decisive };
    }
    case 'MISSING_ACTIONS': {
      const decisive = of('IMPLICIT_DENY');
      const missing = checked.missingActions.join(', ');
      return { why: `the key policy does not allow CloudWatch Logs to use ${missing}: ${decisive?.because}`, decisive };
    }
    case 'UNCERTAIN': {
      const decisive = of('UNCERTAIN') ?? of('IMPLICIT_DENY');
      return {
        why: `it is not certain that the key policy lets CloudWatch Logs use the key: ${decisive?.because}`,
        decisive,
      };
    }
    case 'MALFORMED': {
      const own = checked.warnings.filter(({ code }) => code === 'MALFORMED_POLICY');
      return { why: own.map(({ message }) => message).join('; '), decisive: null };
    }
  }
}

/** What could be added to make a verdict ALLOWED; null: nothing that can be added does. */
export function repairText({ repair }: Pick<CheckedPolicy, 'repair'>): string | null {
  return repair ? `add this statement to the key policy: ${JSON.stringify(repair)}` : null;
}
