import type { PolicyProblem } from '../domain/key-policy/policy-problem.ts';
import type { Colors } from './colors.ts';

/** Why KMS would refuse a key policy, as a person reads it; empty where it would not. */
export function policyProblemsText(title: string, problems: readonly PolicyProblem[], { bold, red }: Colors): string {
  if (problems.length === 0) return '';
  const lines = problems.map(({ code, message, fix }) => `${red(code)}: ${message}\n  ${bold('fix:')} ${fix}\n`);
  return `\n${bold(title)}\n${lines.join('')}`;
}

/** For a key that has the policy already, and keeps it. */
export const NEXT_CHANGE = 'The key works with this policy, but KMS would refuse the next change to it';
