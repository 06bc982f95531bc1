import { describe, expect, it } from 'vitest';
import { preflight } from '../../lib/domain/evaluation.ts';
import { aLogGroup, aLogsPolicy, anInspection, aPolicyInspection, aReason, SERVICE } from '../support/builders.ts';

const HEALTHY = anInspection({ policy: aPolicyInspection() });
const codeOf = (...args: Parameters<typeof preflight>) => preflight(...args)?.code;

describe('the preflight', () => {
  it('gives the first reason of the key, and the problem of its policy last', () => {
    const configured = anInspection({
      reasons: [aReason('KEY_DISABLED'), aReason('KEY_NOT_SYMMETRIC')],
      policy: aPolicyInspection(aLogsPolicy('/other/*')),
    });

    expect(codeOf(configured, aLogGroup())).toBe('KEY_DISABLED');
  });

  it('finds nothing wrong with a key that may seal', () => {
    expect(codeOf(HEALTHY, aLogGroup())).toBeUndefined();
  });

  it('refuses a policy that cannot be read', () => {
    const foreign = anInspection({
      policy: { status: 'UNREADABLE', service: SERVICE, message: 'of another account', fix: 'ask its owner' },
    });

    expect(codeOf(foreign, aLogGroup())).toBe('KEY_POLICY_UNREADABLE');
  });

  it('evaluates the policy for the query results as such', () => {
    const results = { ...aLogGroup(), type: 'query-results', name: 'query-results' } as const;

    expect(codeOf(HEALTHY, results)).toBe('KEY_POLICY_MISSING_ACTIONS');
  });

  it('refuses a policy that may or may not let CloudWatch Logs use the key', () => {
    const statement = {
      Effect: 'Allow',
      Principal: { Service: 'logs.eu-west-1.amazonaws.com' },
      Action: 'kms:*',
      Resource: '*',
      Condition: { StringEquals: { 'aws:ResourceTag/Environment': 'prod' } },
    };
    const text = JSON.stringify({ Version: '2012-10-17', Statement: statement });

    expect(codeOf(anInspection({ policy: aPolicyInspection(text) }), aLogGroup())).toBe('KEY_POLICY_UNCERTAIN');
  });
});
