import { isPartial, replaceParts } from '../key-policy/partial-text.ts';
import type { ReadPolicy } from '../key-policy/read.ts';
import type { PolicySubject } from '../key-policy/service-call.ts';
import { type Verdict, verdictOf } from '../key-policy/verdict.ts';
import { logGroupArn } from '../stores/log-group.ts';
import { type BoundDeclaration, deployed } from './bound-policy.ts';
import { withParts } from './unknown.ts';

/** One deployment, with the name that the log group has there. */
export interface Case extends BoundDeclaration {
  readonly subject: PolicySubject & { readonly type: 'log-group' };
  readonly verdict: Verdict;
}

/** What a policy means for one log group in each deployment. @param name may hold unknown values */
export function casesOf(name: string, deployments: readonly BoundDeclaration[]): Case[] {
  return deployments.map((each) => {
    const arn = logGroupArn(each.partition, { ...each, provider: 'aws' }, withParts(deployed(name, each)));
    const subject = { type: 'log-group', arn } as const;
    return { ...each, subject, verdict: verdictOfAll(each, subject) };
  });
}

function verdictOfAll({ policies }: BoundDeclaration, subject: PolicySubject): Verdict {
  const [verdict = 'UNCERTAIN', ...others] = new Set(policies.map((policy) => verdictIn(policy, subject)));
  return others.length > 0 ? 'UNCERTAIN' : verdict;
}

/** Whether the verdict would be certain if the name of the log group were known. */
export function isUpToName(each: Case): boolean {
  const { subject, verdict } = each;
  if (verdict !== 'UNCERTAIN' || !isPartial(subject.arn)) return false;
  return verdictOfAll(each, { ...subject, arn: replaceParts(subject.arn, () => 'x') }) !== 'UNCERTAIN';
}

function verdictIn(policy: ReadPolicy, subject: PolicySubject): Verdict {
  return policy.status === 'MALFORMED' ? 'MALFORMED' : verdictOf(policy, subject);
}
