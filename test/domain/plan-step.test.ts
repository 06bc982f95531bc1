import { describe, expect, it } from 'vitest';
import { planStep, preflight } from '../../lib/domain/plan-step.ts';
import {
  aFinding,
  aKeyArn,
  aLogGroup,
  aLogsPolicy,
  anInspection,
  aPolicyInspection,
  aReason,
  NOW,
} from '../support/builders.ts';

const HEALTHY = anInspection({ policy: aPolicyInspection() });
const codeOf = (...args: Parameters<typeof preflight>) => preflight(...args)?.code;

describe('a step', () => {
  it('seals what has no key', () => {
    expect(planStep(aFinding(), HEALTHY, NOW)).toEqual({
      store: aLogGroup(),
      action: 'SEAL',
      fromKeyArn: null,
      toKeyArn: aKeyArn(),
      refusal: null,
    });
  });

  it('replaces a key that does not work, and keeps which it was', () => {
    const finding = aFinding({ keyArn: aKeyArn('dead'), reasons: [aReason('KEY_PENDING_DELETION')] });

    expect(planStep(finding, HEALTHY, NOW)).toMatchObject({
      action: 'SEAL',
      fromKeyArn: aKeyArn('dead'),
      refusal: null,
    });
  });

  it('never changes what is unknown, whatever else is wrong', () => {
    const finding = aFinding({
      ...aLogGroup('aws/x'),
      status: 'UNKNOWN',
      keyArn: aKeyArn('private'),
      reasons: [aReason('KEY_UNREADABLE')],
    });

    expect(planStep(finding, anInspection({ reasons: [aReason()] }), NOW)).toMatchObject({
      action: 'NONE',
      refusal: aReason('KEY_UNREADABLE'),
    });
  });

  it('leaves what belongs to AWS alone', () => {
    expect(planStep(aFinding(aLogGroup('aws/spans')), HEALTHY, NOW)).toMatchObject({
      action: 'NONE',
      refusal: { code: 'STORE_RESERVED' },
    });
    expect(planStep(aFinding(aLogGroup('/aws/lambda/x')), HEALTHY, NOW).action).toBe('SEAL');
  });

  it('is refused with the first thing that keeps the configured key from it', () => {
    const configured = anInspection({
      reasons: [aReason('KEY_DISABLED'), aReason('KEY_WRONG_USAGE')],
      policy: aPolicyInspection('{}'),
    });

    expect(planStep(aFinding(), configured, NOW)).toMatchObject({ action: 'NONE', refusal: aReason('KEY_DISABLED') });
  });

  it('without a configured key that exists has none to go to', () => {
    const missing = anInspection({ keyArn: null, reasons: [aReason('KEY_NOT_FOUND')] });

    expect(planStep(aFinding(), missing, NOW)).toMatchObject({
      action: 'NONE',
      toKeyArn: null,
      refusal: { code: 'KEY_NOT_FOUND' },
    });
  });
});

describe('the preflight', () => {
  it('tells the first of its reasons, and of its policy last', () => {
    const configured = anInspection({
      reasons: [aReason('KEY_DISABLED'), aReason('KEY_NOT_SYMMETRIC')],
      policy: aPolicyInspection(aLogsPolicy('/other/*')),
    });

    expect(codeOf(configured, aLogGroup(), NOW)).toBe('KEY_DISABLED');
  });

  it('finds nothing wrong with a key that may seal', () => {
    expect(codeOf(HEALTHY, aLogGroup(), NOW)).toBeUndefined();
  });

  it('refuses a policy that cannot be read', () => {
    const foreign = anInspection({
      policy: { status: 'UNREADABLE', message: 'of another account', fix: 'ask its owner' },
    });

    expect(codeOf(foreign, aLogGroup(), NOW)).toBe('KEY_POLICY_UNREADABLE');
  });

  it('judges the policy for the query results as such', () => {
    const results = { ...aLogGroup(), type: 'query-results', name: 'query-results' } as const;

    expect(codeOf(HEALTHY, results, NOW)).toBe('KEY_POLICY_MISSING_ACTIONS');
  });

  it('refuses a policy that only may let CloudWatch Logs in', () => {
    const statement = {
      Effect: 'Allow',
      Principal: { Service: 'logs.eu-west-1.amazonaws.com' },
      Action: 'kms:*',
      Resource: '*',
      Condition: { StringEquals: { 'aws:ResourceTag/Environment': 'prod' } },
    };
    const text = JSON.stringify({ Version: '2012-10-17', Statement: statement });

    expect(codeOf(anInspection({ policy: aPolicyInspection(text) }), aLogGroup(), NOW)).toBe('KEY_POLICY_UNCERTAIN');
  });
});
