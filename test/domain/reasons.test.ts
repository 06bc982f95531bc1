import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../lib/domain/catalogue.ts';
import { SEVERITIES, type Severity } from '../../lib/domain/catalogue-entry.ts';
import {
  isPermanent,
  isRevivable,
  isStepWarning,
  KEY_CHANGE_CODES,
  KEY_POLICY_CODES,
  KEY_STATE_CODES,
  type ProblemCode,
  problem,
  REASON_CODES,
  REFUSAL_CODES,
  STEP_WARNING_CODES,
  worstSeverity,
} from '../../lib/domain/reasons.ts';
import { aReason } from '../support/builders.ts';

/** Other programs read the codes and severities: codes are added, never renamed, and keep their order. */
const SEVERITY_OF: Readonly<Record<ProblemCode, Severity>> = {
  NO_KEY: 'MEDIUM',
  KEY_ALIAS_MOVED: 'CRITICAL',
  KEY_NOT_FOUND: 'CRITICAL',
  KEY_DISABLED: 'HIGH',
  KEY_PENDING_DELETION: 'CRITICAL',
  KEY_PENDING_REPLICA_DELETION: 'CRITICAL',
  KEY_PENDING_IMPORT: 'HIGH',
  KEY_UNAVAILABLE: 'HIGH',
  KEY_CREATING: 'MEDIUM',
  KEY_NOT_SYMMETRIC: 'HIGH',
  KEY_WRONG_USAGE: 'HIGH',
  KEY_WRONG_REGION: 'HIGH',
  KEY_AWS_MANAGED: 'MEDIUM',
  KEY_NOT_CONFIGURED: 'LOW',
  KEY_UNREADABLE: 'MEDIUM',
  ENCRYPTION_OFF: 'HIGH',
  SERVICE_KEY: 'MEDIUM',
  KEY_POLICY_DENIES: 'HIGH',
  KEY_POLICY_MISSING_ACTIONS: 'HIGH',
  KEY_POLICY_UNCERTAIN: 'MEDIUM',
  KEY_POLICY_UNREADABLE: 'LOW',
  KEY_POLICY_PUBLIC: 'HIGH',
  KEY_POLICY_AMBIGUOUS: 'MEDIUM',
  KEY_POLICY_CHANGED: 'LOW',
  JOURNAL_NOT_TRUSTED: 'HIGH',
  CALLER_MISSING_RIGHTS: 'HIGH',
  STORE_GONE: 'LOW',
  STORE_CHANGED: 'LOW',
  EXEMPT: 'LOW',
  CONFIG_UNREADABLE: 'HIGH',
  FLAPPING: 'HIGH',
  IRREVERSIBLE: 'MEDIUM',
  ACCESS_DENIED: 'HIGH',
  MANAGED_BY_CLOUDFORMATION: 'LOW',
  EARLIER_LOGS_AT_RISK: 'CRITICAL',
  EARLIER_LOGS_UNREADABLE: 'HIGH',
  WRITERS_UNPROVEN: 'HIGH',
  IMPLICIT_LOG_GROUP: 'MEDIUM',
  KEY_UNDETERMINED: 'MEDIUM',
  KEY_NOT_AN_ARN: 'HIGH',
  MALFORMED_POLICY: 'HIGH',
  UNDOCUMENTED_RULE: 'MEDIUM',
  GLOBAL_SERVICE_PRINCIPAL: 'LOW',
  SOURCE_CONDITION: 'LOW',
  ADVISORY_ACTIONS_NOT_ALLOWED: 'LOW',
  ORGANIZATION_CONDITION: 'LOW',
  PRINCIPAL_OPT_IN_REGION: 'MEDIUM',
  TOO_LARGE: 'HIGH',
  CHARACTERS: 'HIGH',
  PRINCIPAL_PATTERN: 'HIGH',
  PRINCIPAL_ORPHAN: 'HIGH',
  PRINCIPAL_INVALID: 'HIGH',
  SERVICE_NAME: 'HIGH',
  LOCKS_OUT: 'HIGH',
};
const CODES = Object.keys(SEVERITY_OF) as ProblemCode[];

describe('the catalogue', () => {
  it('has every code, in the promised order', () => {
    expect(Object.keys(CATALOGUE)).toEqual(CODES);
  });

  it.each(Object.entries(SEVERITY_OF))('gives %s the severity %s', (code, severity) => {
    expect(CATALOGUE[code as ProblemCode].severity).toBe(severity);
  });

  it.each(CODES)('says in a title and in sentences what %s means', (code) => {
    const { title, impact } = CATALOGUE[code];

    expect(title).toMatch(/^[A-Z][^.]+[^.\s]$/);
    expect(impact).toMatch(/^[A-Z].+\.$/);
  });

  it('has no title twice', () => {
    const titles = CODES.map((code) => CATALOGUE[code].title);

    expect(new Set(titles).size).toBe(titles.length);
  });
});

describe('the lists of codes', () => {
  it('have the reasons in the order in which a finding lists them', () => {
    expect(REASON_CODES).toEqual([
      'NO_KEY',
      'KEY_NOT_FOUND',
      'KEY_DISABLED',
      'KEY_PENDING_DELETION',
      'KEY_PENDING_REPLICA_DELETION',
      'KEY_PENDING_IMPORT',
      'KEY_UNAVAILABLE',
      'KEY_CREATING',
      'KEY_NOT_SYMMETRIC',
      'KEY_WRONG_USAGE',
      'KEY_WRONG_REGION',
      'KEY_AWS_MANAGED',
      'KEY_NOT_CONFIGURED',
      'KEY_UNREADABLE',
      'ENCRYPTION_OFF',
      'SERVICE_KEY',
    ]);
  });

  it('have the states of a key that keep it from being used', () => {
    expect(KEY_STATE_CODES).toEqual([
      'KEY_DISABLED',
      'KEY_PENDING_DELETION',
      'KEY_PENDING_REPLICA_DELETION',
      'KEY_PENDING_IMPORT',
      'KEY_UNAVAILABLE',
      'KEY_CREATING',
    ]);
  });

  it('have what somebody did to the configured key, which flags and refuses no log store', () => {
    expect(KEY_CHANGE_CODES).toEqual(['KEY_ALIAS_MOVED']);
    expect([...REASON_CODES, ...REFUSAL_CODES]).not.toContain('KEY_ALIAS_MOVED');
  });

  it('have the problems with a key policy', () => {
    expect(KEY_POLICY_CODES).toEqual([
      'KEY_POLICY_DENIES',
      'KEY_POLICY_MISSING_ACTIONS',
      'KEY_POLICY_UNCERTAIN',
      'KEY_POLICY_UNREADABLE',
      'KEY_POLICY_PUBLIC',
    ]);
  });

  it('have what to know before a log store is sealed, which refuses nothing', () => {
    expect(STEP_WARNING_CODES).toEqual([
      'MANAGED_BY_CLOUDFORMATION',
      'EARLIER_LOGS_AT_RISK',
      'EARLIER_LOGS_UNREADABLE',
      'WRITERS_UNPROVEN',
    ]);
    expect(CODES.filter(isStepWarning)).toEqual(STEP_WARNING_CODES);
  });

  it('have every reason and every problem with a key policy as a refusal', () => {
    expect(REFUSAL_CODES).toEqual([
      ...REASON_CODES,
      ...KEY_POLICY_CODES,
      'KEY_POLICY_AMBIGUOUS',
      'KEY_POLICY_CHANGED',
      'JOURNAL_NOT_TRUSTED',
      'CALLER_MISSING_RIGHTS',
      'STORE_GONE',
      'STORE_CHANGED',
      'EXEMPT',
      'CONFIG_UNREADABLE',
      'FLAPPING',
      'IRREVERSIBLE',
      'ACCESS_DENIED',
    ]);
  });

  it('have what neither time nor a person can change', () => {
    expect(CODES.filter(isPermanent)).toEqual([
      'KEY_NOT_FOUND',
      'KEY_NOT_SYMMETRIC',
      'KEY_WRONG_USAGE',
      'KEY_WRONG_REGION',
      'KEY_AWS_MANAGED',
      'SERVICE_KEY',
      'STORE_GONE',
      'IRREVERSIBLE',
    ]);
  });

  it('have the states from which a person can bring a key back', () => {
    expect(CODES.filter(isRevivable)).toEqual([
      'KEY_DISABLED',
      'KEY_PENDING_DELETION',
      'KEY_PENDING_REPLICA_DELETION',
      'KEY_PENDING_IMPORT',
      'KEY_UNAVAILABLE',
    ]);
  });
});

describe('a problem', () => {
  it.each(CODES)('%s has the severity of its code', (code) => {
    expect(problem(code, 'what is wrong', 'what to do')).toEqual({
      code,
      severity: SEVERITY_OF[code],
      message: 'what is wrong',
      fix: 'what to do',
    });
  });
});

it('a problem has the right that its fix gives, if there is one', () => {
  const missingRight = { action: 'kms:DescribeKey', resource: 'arn' };

  expect(problem('KEY_UNREADABLE', 'what', 'fix', missingRight)).toMatchObject({ missingRight });
  expect(problem('KEY_UNREADABLE', 'what', 'fix')).not.toHaveProperty('missingRight');
});

describe('the worst severity', () => {
  it('goes from CRITICAL to LOW', () => {
    expect(SEVERITIES).toEqual(['CRITICAL', 'HIGH', 'MEDIUM', 'LOW']);
  });

  it.each([
    ['CRITICAL', ['KEY_NOT_CONFIGURED', 'NO_KEY', 'KEY_NOT_FOUND', 'KEY_DISABLED']],
    ['HIGH', ['NO_KEY', 'KEY_DISABLED', 'KEY_NOT_CONFIGURED']],
    ['MEDIUM', ['KEY_NOT_CONFIGURED', 'NO_KEY']],
    ['LOW', ['KEY_NOT_CONFIGURED']],
  ] as const)('is %s of %j', (severity, codes) => {
    expect(worstSeverity(codes.map((code) => aReason(code)))).toBe(severity);
  });

  it('of nothing is null', () => {
    expect(worstSeverity([])).toBeNull();
  });
});
