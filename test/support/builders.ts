import type { TargetReport } from '../../lib/app/scan/scan-target.ts';
import type { Finding } from '../../lib/domain/finding.ts';
import type { KeyEntry, PolicyEntry } from '../../lib/domain/journal.ts';
import type { KeyFacts, KeyInspection, PolicyInspection } from '../../lib/domain/key.ts';
import { statementFor } from '../../lib/domain/key-policy/build-statement.ts';
import { type ReadPolicy, readKeyPolicy } from '../../lib/domain/key-policy/read.ts';
import { logsService } from '../../lib/domain/key-policy/service-call.ts';
import type { FoundLogStore, LogStore } from '../../lib/domain/log-store.ts';
import type { Outcome, Step } from '../../lib/domain/plan-step.ts';
import { problem, type Reason } from '../../lib/domain/reasons.ts';
import type { Target } from '../../lib/domain/target.ts';
import type { Run } from '../../lib/report/documents.ts';

export const ACCOUNT = '111122223333';
export const OTHER_ACCOUNT = '444455556666';
export const REGION = 'eu-west-1';
export const TARGET: Target = { provider: 'aws', account: ACCOUNT, region: REGION };
/** A Region of the caller's own account, which is not known yet. */
export function aTarget(region = REGION, account = ''): Target {
  return { provider: 'aws', account, region };
}
export const NOW = new Date('2026-11-21T00:00:00Z');

/** @param nickname makes it readable; KMS's own ids are no words */
export function aKeyArn(nickname = 'logseal', { account = ACCOUNT, region = REGION } = {}): string {
  return `arn:aws:kms:${region}:${account}:key/${nickname}`;
}

/** A key that CloudWatch Logs can use. */
export function aKey(facts: Partial<KeyFacts> = {}): KeyFacts {
  const usable = { account: ACCOUNT, state: 'Enabled', spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT' };
  return { arn: aKeyArn(), ...usable, ...facts };
}

export function aLogGroup(name = '/app/a', target: Partial<Target> = {}): LogStore {
  const { provider, account, region } = { ...TARGET, ...target };
  const arn = `arn:aws:logs:${region}:${account}:log-group:${name}`;
  return { provider, account, region, type: 'log-group', name, arn };
}

export function aFoundLogGroup(name = '/app/a', keyArn: string | null = null): FoundLogStore {
  return { store: aLogGroup(name), keyArn };
}

/** What AWS documents for log groups. @param logGroups a pattern of their names */
export function aLogsPolicy(logGroups = '*'): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' },
      {
        Sid: 'Logs',
        Effect: 'Allow',
        Principal: { Service: `logs.${REGION}.amazonaws.com` },
        Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
        Resource: '*',
        Condition: {
          ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${logGroups}` },
        },
      },
    ],
  });
}

/** Lets CloudWatch Logs use the key for whatever it stores in the account. */
export function anOpenPolicy(): string {
  const Condition = { StringEquals: { 'aws:SourceAccount': ACCOUNT } };
  const { Version, Statement } = JSON.parse(aLogsPolicy()) as { Version: string; Statement: object[] };
  return JSON.stringify({ Version, Statement: [Statement[0], { ...Statement[1], Condition }] });
}

/** Lets all principals of the account use the key through CloudWatch Logs as well. */
export function aPolicyForAll(): string {
  const { Version, Statement } = JSON.parse(aLogsPolicy()) as { Version: string; Statement: object[] };
  const pattern = `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:*`;
  return JSON.stringify({
    Version,
    Statement: [...Statement, statementFor(SERVICE, { type: 'readers-and-writers', pattern })],
  });
}

/** Denies CloudWatch Logs the use of the key, whatever else it allows. */
export function aDenyingPolicy(): string {
  const { Version, Statement } = JSON.parse(aLogsPolicy()) as { Version: string; Statement: object[] };
  const deny = { Sid: 'NoLogs', Effect: 'Deny', Principal: '*', Action: 'kms:Encrypt', Resource: '*' };
  return JSON.stringify({ Version, Statement: [...Statement, deny] });
}

/** A policy as the key cache holds it. */
export function aPolicyInspection(text = aLogsPolicy(), keyArn = aKeyArn()): PolicyInspection {
  return aReadPolicy(text, keyArn);
}

/** How CloudWatch Logs uses the key of most tests. */
export const SERVICE = logsService(aKeyArn(), { now: NOW });

export function aReadPolicy(text = aLogsPolicy(), keyArn = aKeyArn()): ReadPolicy {
  return readKeyPolicy(text, logsService(keyArn, { now: NOW }));
}

/** A key that was looked at and can be used. */
export function anInspection(inspection: Partial<KeyInspection> = {}): KeyInspection {
  return { keyArn: aKeyArn(), reasons: [], policy: null, transientError: null, ...inspection };
}

export function aReason(code: Reason['code'] = 'KEY_DISABLED'): Reason {
  return problem(code, `the message of ${code}`, `the fix of ${code}`);
}

/** A log group without a key. */
export function aFinding(finding: Partial<Finding> = {}): Finding {
  const reasons = [aReason('NO_KEY')];
  const open = { status: 'NON_COMPLIANT', severity: 'MEDIUM', reasons, warnings: [], keyArn: null } as const;
  return { ...aLogGroup(), ...open, exemption: null, ...finding };
}

/** Seals a log group that has no key; with an action that is given, as it is given. */
export function aStep(step: Partial<Outcome> & { readonly name?: string } = {}): Step {
  const { name, ...given } = step;
  const seal = { store: aLogGroup(name), action: 'SEAL', fromKeyArn: null, toKeyArn: aKeyArn(), refusal: null };
  return { ...seal, warnings: [], ...given } as Step;
}

export function anOutcome(outcome: Partial<Outcome> & { readonly name?: string } = {}): Outcome {
  return { outcome: 'SEALED', error: null, ...aStep(outcome) } as Outcome;
}

/** What sealed a log group with the key. */
export function aKeyEntry(entry: Partial<KeyEntry> & { readonly name?: string } = {}): KeyEntry {
  const { name, ...given } = entry;
  const change = { change: 'KEY', store: aLogGroup(name), from: null, to: aKeyArn() } as const;
  return { ...ENTRY, ...change, ...given };
}

/** What a repair of the key's policy wrote. */
export function aPolicyEntry(entry: Partial<PolicyEntry> = {}): PolicyEntry {
  const change = {
    change: 'POLICY',
    store: null,
    keyArn: aKeyArn(),
    from: aLogsPolicy('/x'),
    to: aLogsPolicy(),
  } as const;
  return { ...ENTRY, ...change, ...entry };
}

const ENTRY = {
  schema: 'logseal/journal/1',
  runId: 'run-1',
  time: NOW.toISOString(),
  actor: `arn:aws:iam::${ACCOUNT}:user/test`,
  phase: 'DONE',
  error: null,
} as const;

/** A target that was listed whole. */
export function aReport(report: Partial<TargetReport> = {}): TargetReport {
  return {
    ...TARGET,
    status: 'COMPLETE',
    error: null,
    stores: 1,
    apiCalls: { 'logs:DescribeLogGroups': 1 },
    ...report,
  };
}

export const A_RUN: Run = {
  id: '6d1d9e0c-0000-4000-8000-000000000000',
  startedAt: '2026-11-21T00:00:00.000Z',
  finishedAt: '2026-11-21T00:00:01.000Z',
};
