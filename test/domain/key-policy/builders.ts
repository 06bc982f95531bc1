import { documentProblems } from '../../../lib/domain/key-policy/document.ts';
import type { DocumentProblem } from '../../../lib/domain/key-policy/document-problem.ts';
import { evaluateKeyPolicy, type PolicyVerdict } from '../../../lib/domain/key-policy/evaluate.ts';
import { type ReadPolicy, readKeyPolicy } from '../../../lib/domain/key-policy/read.ts';
import { type PolicyRepair, repairKeyPolicy } from '../../../lib/domain/key-policy/repair-policy.ts';
import { type RepairScope, wholeScope } from '../../../lib/domain/key-policy/repair-scope.ts';
import { type CallFacts, logsService, type PolicySubject } from '../../../lib/domain/key-policy/service-call.ts';

export const ACCOUNT = '111122223333';
export const KEY_ARN = `arn:aws:kms:us-east-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
export const LOG_GROUP_ARN = `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/app/example`;
export const LOGS = 'logs.us-east-1.amazonaws.com';
export const CONTEXT = 'kms:EncryptionContext:aws:logs:arn';

/** May CloudWatch Logs use this key, for this subject, under these facts? */
export interface Question extends CallFacts {
  readonly keyArn: string;
  readonly subject: PolicySubject;
}

export const ABOUT_A_LOG_GROUP: Question = {
  keyArn: KEY_ARN,
  subject: { type: 'log-group', arn: LOG_GROUP_ARN },
  now: new Date('2026-11-21T00:00:00Z'),
};
export const ABOUT_QUERY_RESULTS: Question = {
  ...ABOUT_A_LOG_GROUP,
  subject: { type: 'query-results', account: ACCOUNT },
};

/** The same question in another partition. */
export function aboutALogGroupIn(partition: string, region: string): Question {
  const at = (arn: string) => arn.replace('arn:aws:', `arn:${partition}:`).replace('us-east-1', region);
  return { ...ABOUT_A_LOG_GROUP, keyArn: at(KEY_ARN), subject: { type: 'log-group', arn: at(LOG_GROUP_ARN) } };
}

export type Json = Record<string, unknown>;

/** Allows CloudWatch Logs everything. An element that is given as undefined is left out. */
export function anAllow(elements: Json = {}): Json {
  return { Effect: 'Allow', Principal: { Service: LOGS }, Action: 'kms:*', Resource: '*', ...elements };
}

/** Denies everything to everybody. */
export function aDeny(elements: Json = {}): Json {
  return { Effect: 'Deny', Principal: '*', Action: 'kms:*', Resource: '*', ...elements };
}

export function aPolicy(statements: unknown, version: unknown = '2012-10-17'): string {
  return JSON.stringify({ Version: version, Statement: statements });
}

export function readFor(question: Question, text: string): ReadPolicy {
  return readKeyPolicy(text, logsService(question.keyArn, question));
}

export function evaluateText(text: string, question = ABOUT_A_LOG_GROUP): PolicyVerdict {
  return evaluateKeyPolicy(readFor(question, text), question.subject);
}

export function evaluate(statements: unknown, question = ABOUT_A_LOG_GROUP): PolicyVerdict {
  return evaluateText(aPolicy(statements), question);
}

/** Why KMS would refuse a policy: of its text, or of its statements. */
export function problemsOf(policy: string | readonly Json[], question = ABOUT_A_LOG_GROUP): DocumentProblem[] {
  return documentProblems(readFor(question, typeof policy === 'string' ? policy : aPolicy(policy)));
}

export function codesOf(policy: string | readonly Json[], question = ABOUT_A_LOG_GROUP): string[] {
  return problemsOf(policy, question).map(({ code }) => code);
}

/** The problems of a principal beside a statement that leaves the key to its account. */
export function codesFor(principal: unknown, question = ABOUT_A_LOG_GROUP): string[] {
  const { partition } = /^arn:(?<partition>[^:]+):/.exec(question.keyArn)?.groups ?? {};
  const root = { ...ROOT, Principal: { AWS: `arn:${partition}:iam::111122223333:root` } };
  return codesOf([root, anAllow({ Principal: principal })], question);
}

/** What a policy has for the owner of the key. */
export const ROOT: Json = { Sid: 'Root', Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'kms:*', Resource: '*' };

/** @param scope by default all log groups of the account and Region, or its query results */
export function repair(
  text: string,
  question = ABOUT_A_LOG_GROUP,
  scope: RepairScope = wholeScope(question.subject),
): PolicyRepair {
  return repairKeyPolicy(readFor(question, text), [scope]);
}

/** @throws Error unless the policy can be repaired */
export function repaired(text: string, question = ABOUT_A_LOG_GROUP, scope?: RepairScope) {
  const found = repair(text, question, scope);
  if (found.kind !== 'REPAIR') throw new Error(JSON.stringify(found));
  return found;
}

/** @throws Error unless the repair is refused */
export function refusal(text: string, question = ABOUT_A_LOG_GROUP, scope?: RepairScope) {
  const found = repair(text, question, scope);
  if (found.kind !== 'REFUSED') throw new Error(JSON.stringify(found));
  return found.refusal;
}
