import { documentProblems } from '../key-policy/document.ts';
import { evaluateKeyPolicy } from '../key-policy/evaluate.ts';
import { publicProblem } from '../key-policy/public.ts';
import type { ReadPolicy } from '../key-policy/read.ts';
import { type Problem, problem, type TemplateWarningCode } from '../reasons.ts';
import type { BoundDeclaration } from './bound-policy.ts';
import type { Case } from './cases.ts';
import type { DeclaredKey, TemplateLanguage } from './model.ts';
import { shown, shownFix } from './shown.ts';
import { shownText } from './unknown.ts';

/** What is dangerous about a policy, or keeps KMS from accepting it, wherever it is deployed. */
export function policyWarnings(
  key: DeclaredKey,
  deployments: readonly BoundDeclaration[],
): Problem<TemplateWarningCode>[] {
  const each = deployments.map((deployment) => {
    const { isWhole, policies } = deployment;
    const [policy] = policies;
    if (policy?.status !== 'READ') return [];
    const { service, publicStatement } = policy;
    const open = publicStatement ? [publicProblem(service.keyArn, publicStatement)] : [];
    // Of what is not known, nothing is said.
    const documents = isWhole ? documentProblems(policy) : [];
    return [...open, ...documents].map(({ code, message, fix }) =>
      problem(code, shown(message, key, deployment), shownFix(fix, key, deployment)),
    );
  });
  return (each.at(-1) ?? []).filter(({ code }) => each.every((some) => some.some((other) => other.code === code)));
}

/** Whether a policy may have the global service principal. Quickly: `globalNameWarnings` takes longer. */
export function mayNameGlobal(text: string): boolean {
  return /"logs\.(?:amazonaws\.|\$\{AWS::URLSuffix)/.test(shownText(text));
}

/** The warning that the key policy lets CloudWatch Logs in by a name that AWS does not document (docs/key-policy-rules.md). */
export function globalNameWarnings(
  key: DeclaredKey,
  allowed: Case,
  policy: ReadPolicy,
  { principal }: Pick<TemplateLanguage, 'principal'>,
): Problem<TemplateWarningCode>[] {
  const { warnings } = evaluateKeyPolicy(policy, allowed.subject);
  return warnings.flatMap(({ code, message }) =>
    code === 'GLOBAL_SERVICE_PRINCIPAL'
      ? problem(
          code,
          shown(`in the key policy of ${key.id}, ${message}`, key, allowed),
          shownFix(`write in its place: ${principal(policy.service.regionalName)}`, key, allowed),
        )
      : [],
  );
}
