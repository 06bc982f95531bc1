import { describe, expect, it } from 'vitest';
import { judge } from '../../../lib/domain/finding.ts';
import type { KeyInspection } from '../../../lib/domain/key.ts';
import type { FoundLogStore, LogStore } from '../../../lib/domain/log-store.ts';
import { planStep } from '../../../lib/domain/plan-step.ts';
import type { Reason } from '../../../lib/domain/reasons.ts';
import {
  isLogstoreName,
  logstoreOf,
  parseLogstoreName,
  SERVICE_KEY,
  UNDER_SERVICE_KEY,
  whyIrreversible,
  whyNotSealed,
} from '../../../lib/domain/stores/logstore.ts';
import type { Target } from '../../../lib/domain/target.ts';
import { aLogGroup, aReason, NOW } from '../../support/builders.ts';

const TARGET: Target = { provider: 'alibaba', account: '1234567890123456', region: 'cn-hangzhou' };
const STORE: LogStore = logstoreOf(TARGET, 'app-logs', 'web');
const HERE = TARGET.region;
const found = (keyArn: string | null, fixed?: FoundLogStore['fixed']): FoundLogStore => {
  return { store: STORE, keyArn, ...(fixed && { fixed }) };
};
const inspection = (keyArn: string, reasons: readonly Reason[] = []): KeyInspection => {
  return { keyArn, reasons, policy: { status: 'ROLE', problem: null }, transientError: null };
};

describe('names', () => {
  it.each(['abc', 'a-b', 'a_b', '0-9', 'a'.repeat(63), 'k8s-log-c1'])('%s is one', (name) => {
    expect(isLogstoreName(name)).toBe(true);
  });

  it.each([
    '',
    'a',
    'ab',
    'Abc',
    'a.b.c',
    'a/b',
    '..',
    '../a',
    '-ab',
    'ab-',
    '_ab',
    'a b',
    'abc\n',
    'äbc',
    'a'.repeat(64),
  ])('%j is none', (name) => {
    expect(isLogstoreName(name)).toBe(false);
  });

  it('of a Logstore has two parts', () => {
    expect(parseLogstoreName('app-logs/web')).toEqual({ project: 'app-logs', logstore: 'web' });
    for (const text of ['app-logs', 'app-logs/', '/web', 'app-logs/web/x', 'app-logs/../web', 'app-logs//web', '']) {
      expect(parseLogstoreName(text)).toBeUndefined();
    }
  });

  it('are in the ARN', () => {
    expect(STORE).toEqual({
      ...TARGET,
      type: 'logstore',
      name: 'app-logs/web',
      arn: 'acs:log:cn-hangzhou:1234567890123456:project/app-logs/logstore/web',
    });
  });
});

describe('what is not sealed', () => {
  it.each<[string, FoundLogStore, string | undefined]>([
    ['never configured', found(null), 'its encryption was never configured'],
    ['off', found(null, { keyArn: 'key-1', region: HERE }), 'its encryption is configured, and switched off'],
    [
      'off, of the service key',
      found(null, { keyArn: SERVICE_KEY, region: null }),
      'its encryption is configured, and switched off',
    ],
    [
      'off, of another Region',
      found(null, { keyArn: 'key-1', region: 'cn-beijing' }),
      'its encryption is configured, and switched off',
    ],
    ['on', found('key-1', { keyArn: 'key-1', region: HERE }), undefined],
    ['on, of the service key', found(SERVICE_KEY, { keyArn: SERVICE_KEY, region: null }), undefined],
    ['on, of a Region that is not told', found('key-1', { keyArn: 'key-1', region: null }), undefined],
    [
      'on, of another Region',
      found('key-1', { keyArn: 'key-1', region: 'cn-beijing' }),
      'key-1 is in cn-beijing, but the logs are in cn-hangzhou',
    ],
    ['a log group', { store: aLogGroup(), keyArn: null }, undefined],
  ])('%s', (_, store, message) => {
    expect(whyNotSealed(store)?.message).toBe(message);
  });
});

describe('a finding', () => {
  it('of a Logstore is by its encryption first, then by its key', () => {
    const disabled = inspection('key-1', [aReason('KEY_DISABLED')]);
    const fixed = { keyArn: 'key-1', region: HERE };
    expect(judge(found(null), null, null, NOW)).toMatchObject({
      status: 'NON_COMPLIANT',
      reasons: [{ code: 'ENCRYPTION_OFF' }],
    });
    expect(judge(found(null), null, null, NOW)).not.toHaveProperty('fixed');
    expect(judge(found('key-1', fixed), disabled, null, NOW)).toMatchObject({
      reasons: [{ code: 'KEY_DISABLED' }],
      fixed,
    });
    expect(judge(found('key-1', fixed), inspection('key-1'), null, NOW)).toMatchObject({
      status: 'COMPLIANT',
      warnings: [],
    });
    const far = found('key-1', { keyArn: 'key-1', region: 'cn-beijing' });
    expect(judge(far, disabled, null, NOW).reasons.map(({ code }) => code)).toEqual(['KEY_WRONG_REGION']);
  });

  it('under the service key is by what is accepted', () => {
    const service = found(SERVICE_KEY, { keyArn: SERVICE_KEY, region: null });
    expect(judge(service, inspection(SERVICE_KEY, [UNDER_SERVICE_KEY]), null, NOW).status).toBe('NON_COMPLIANT');
    expect(judge(service, inspection(SERVICE_KEY), null, NOW).status).toBe('COMPLIANT');
    expect(judge(service, inspection(SERVICE_KEY), inspection('key-1'), NOW).reasons[0]?.code).toBe(
      'KEY_NOT_CONFIGURED',
    );
  });
});

describe('type and key never change', () => {
  const fixed = { keyArn: 'key-1', region: HERE };

  it('where they are what is wanted, or nothing was configured', () => {
    expect(whyIrreversible({ region: 'cn-hangzhou', reasons: [] }, 'key-1')).toBeUndefined();
    expect(
      whyIrreversible({ region: 'cn-hangzhou', fixed, reasons: [aReason('KEY_DISABLED')] }, 'key-1'),
    ).toBeUndefined();
  });

  it.each([
    ['another key', fixed, 'key-2', 'the key key-1'],
    ['a key that could not be found', fixed, null, 'the key key-1'],
    ['the service key', fixed, SERVICE_KEY, 'the key key-1'],
    ['a key, for the service key', { keyArn: SERVICE_KEY, region: null }, 'key-1', 'the service key'],
  ])('to %s', (_, configured, wanted, what) => {
    expect(whyIrreversible({ region: 'cn-hangzhou', fixed: configured, reasons: [] }, wanted)).toEqual({
      code: 'IRREVERSIBLE',
      message: `it was configured with ${what}, and that can never be changed`,
      fix: 'create another Logstore with the key that you want, and have the logs sent there',
    });
  });

  it('but a key that is dead may be brought back to life', () => {
    const refusal = whyIrreversible({ region: 'cn-hangzhou', fixed, reasons: [aReason('KEY_DISABLED')] }, 'key-2');
    expect(refusal?.message).toMatch(/can never be changed: the message of KEY_DISABLED$/);
    expect(refusal?.fix).toMatch(/^the fix of KEY_DISABLED; or create another Logstore/);
  });

  it.each(['KEY_NOT_CONFIGURED', 'ENCRYPTION_OFF', 'SERVICE_KEY'] as const)('and %s is no such death', (code) => {
    expect(whyIrreversible({ region: 'cn-hangzhou', fixed, reasons: [aReason(code)] }, 'key-2')?.fix).toMatch(
      /^create another Logstore/,
    );
  });
});

describe('a step', () => {
  const stepOf = (store: FoundLogStore, attached: KeyInspection | null, configured = inspection('key-1')) =>
    planStep(judge(store, attached, null, NOW), configured, NOW);

  it('is for good only where nothing was configured', () => {
    expect(stepOf(found(null), null)).toEqual({
      store: STORE,
      action: 'SEAL',
      fromKeyArn: null,
      toKeyArn: 'key-1',
      refusal: null,
      irreversible: true,
    });
    expect(stepOf(found(null, { keyArn: 'key-1', region: HERE }), null)).not.toHaveProperty('irreversible');
  });

  it('that is refused is not for good', () => {
    const dead = inspection('key-1', [aReason('KEY_DISABLED')]);
    expect(stepOf(found(null), null, dead)).toMatchObject({ action: 'NONE', refusal: { code: 'KEY_DISABLED' } });
    expect(stepOf(found(null), null, dead)).not.toHaveProperty('irreversible');
  });

  it('under what is configured otherwise is refused before the key is looked at', () => {
    const dead = inspection('key-2', [aReason('KEY_NOT_FOUND')]);
    expect(stepOf(found(null, { keyArn: 'key-1', region: HERE }), null, dead).refusal?.code).toBe('IRREVERSIBLE');
  });

  it('is refused by what is said of the role', () => {
    const problem = { code: 'KEY_POLICY_MISSING_ACTIONS', message: 'm', fix: 'c' } as const;
    const configured: KeyInspection = { ...inspection('key-1'), policy: { status: 'ROLE', problem } };
    expect(stepOf(found(null), null, configured)).toMatchObject({ action: 'NONE', refusal: problem });
  });

  it('of a log group is never for good', () => {
    const step = planStep(judge({ store: aLogGroup(), keyArn: null }, null, null, NOW), inspection('key-1'), NOW);
    expect(step).toMatchObject({ action: 'SEAL' });
    expect(step).not.toHaveProperty('irreversible');
  });
});
