import { describe, expect, it } from 'vitest';
import { evaluate, stepOf } from '../../../lib/domain/evaluation.ts';
import { findingOf } from '../../../lib/domain/finding.ts';
import type { KeyInspection } from '../../../lib/domain/key.ts';
import type { FoundLogStore, LogStore } from '../../../lib/domain/log-store.ts';
import { problem, type Reason } from '../../../lib/domain/reasons.ts';
import { kindOf, logStoreOf } from '../../../lib/domain/stores/index.ts';
import {
  isLogstoreName,
  LOGSTORE,
  parseLogstoreName,
  SERVICE_KEY,
  UNDER_SERVICE_KEY,
} from '../../../lib/domain/stores/logstore.ts';
import type { Target } from '../../../lib/domain/target.ts';
import { aLogGroup, aReason } from '../../support/builders.ts';

const TARGET: Target = { provider: 'alibaba', account: '1234567890123456', region: 'cn-hangzhou' };
const STORE: LogStore = logStoreOf('logstore', 'acs', TARGET, 'app-logs/web');
const HERE = TARGET.region;
const found = (keyArn: string | null, fixed?: FoundLogStore['fixed']): FoundLogStore => {
  return { store: STORE, keyArn, ...(fixed && { fixed }) };
};
const inspection = (keyArn: string, reasons: readonly Reason[] = []): KeyInspection => {
  return { keyArn, reasons, policy: { status: 'ROLE', problem: null }, transientError: null };
};
const UNCONFIGURED = {
  matched: { exemptions: [], keyRule: null, unknown: null },
  unreadConfiguration: null,
} as const;
const evaluated = (store: FoundLogStore, attached: KeyInspection | null, required: KeyInspection | null = null) =>
  findingOf(store, attached, required, null);

describe('names', () => {
  it.each(['abc', 'a-b', 'a_b', '0-9', 'a'.repeat(63), 'k8s-log-c1'])('can be %s', (name) => {
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
  ])('cannot be %j', (name) => {
    expect(isLogstoreName(name)).toBe(false);
  });

  it('of a Logstore has two parts', () => {
    expect(parseLogstoreName('app-logs/web')).toEqual({ project: 'app-logs', logstore: 'web' });
    for (const text of ['app-logs', 'app-logs/', '/web', 'app-logs/web/x', 'app-logs/../web', 'app-logs//web', '']) {
      expect(parseLogstoreName(text)).toBeUndefined();
      expect(LOGSTORE.nameMistake(text)).toBe(`expected PROJECT/LOGSTORE, got ${JSON.stringify(text)}`);
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

describe('why a Logstore is not sealed', () => {
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
    ['on, of a Region that is not known', found('key-1', { keyArn: 'key-1', region: null }), undefined],
    [
      'on, of another Region',
      found('key-1', { keyArn: 'key-1', region: 'cn-beijing' }),
      'key-1 is in cn-beijing, but the logs are in cn-hangzhou',
    ],
  ])('%s', (_, store, message) => {
    expect(LOGSTORE.whyNotSealed(store)?.message).toBe(message);
  });
});

describe('a finding', () => {
  it('of a Logstore is by its encryption first, then by its key', () => {
    const disabled = inspection('key-1', [aReason('KEY_DISABLED')]);
    const fixed = { keyArn: 'key-1', region: HERE };
    expect(evaluated(found(null), null)).toMatchObject({
      status: 'NON_COMPLIANT',
      reasons: [{ code: 'ENCRYPTION_OFF' }],
    });
    expect(evaluated(found(null), null)).not.toHaveProperty('fixed');
    expect(evaluated(found('key-1', fixed), disabled)).toMatchObject({
      reasons: [{ code: 'KEY_DISABLED' }],
      fixed,
    });
    expect(evaluated(found('key-1', fixed), inspection('key-1'))).toMatchObject({
      status: 'COMPLIANT',
      warnings: [],
    });
    const far = found('key-1', { keyArn: 'key-1', region: 'cn-beijing' });
    expect(evaluated(far, disabled).reasons.map(({ code }) => code)).toEqual(['KEY_WRONG_REGION']);
  });

  it('under the service key is by what is accepted', () => {
    const service = found(SERVICE_KEY, { keyArn: SERVICE_KEY, region: null });
    expect(evaluated(service, inspection(SERVICE_KEY, [UNDER_SERVICE_KEY])).status).toBe('NON_COMPLIANT');
    expect(evaluated(service, inspection(SERVICE_KEY)).status).toBe('COMPLIANT');
    expect(evaluated(service, inspection(SERVICE_KEY), inspection('key-1')).reasons[0]?.code).toBe(
      'KEY_NOT_CONFIGURED',
    );
  });
});

describe('the only key that a Logstore can be switched on under', () => {
  it.each<[string, FoundLogStore, string | null]>([
    ['off', found(null, { keyArn: 'key-1', region: HERE }), 'key-1'],
    ['off, of a Region that is not known', found(null, { keyArn: 'key-1', region: null }), 'key-1'],
    ['off, of another Region', found(null, { keyArn: 'key-1', region: 'cn-beijing' }), null],
    ['off, of the service key', found(null, { keyArn: SERVICE_KEY, region: null }), null],
    ['never configured', found(null), null],
    ['on', found('key-1', { keyArn: 'key-1', region: HERE }), null],
  ])('%s', (_, store, key) => {
    expect(LOGSTORE.fixedKey(store)).toBe(key);
  });

  it('does not exist for a log group or query results', () => {
    expect(kindOf(aLogGroup()).fixedKey({ store: aLogGroup(), keyArn: null })).toBeNull();
    expect(kindOf({ type: 'query-results' }).fixedKey({ store: aLogGroup(), keyArn: null })).toBeNull();
  });
});

describe('type and key never change', () => {
  const fixed = { keyArn: 'key-1', region: HERE };
  const refusalOf = (configured: FoundLogStore['fixed'], wanted: string | null, reasons: readonly Reason[] = []) =>
    LOGSTORE.whyUnchangeable(found(null, configured), wanted, reasons);

  it('and need not if they are the wanted ones, or nothing was configured', () => {
    expect(refusalOf(undefined, 'key-1')).toBeUndefined();
    expect(refusalOf(fixed, 'key-1', [aReason('KEY_DISABLED')])).toBeUndefined();
    expect(refusalOf({ keyArn: 'key-1', region: null }, 'key-1')).toBeUndefined();
  });

  it.each([
    ['another key', fixed, 'key-2', 'the key key-1'],
    ['a key that could not be found', fixed, null, 'the key key-1'],
    ['the service key', fixed, SERVICE_KEY, 'the key key-1'],
    ['a key, for the service key', { keyArn: SERVICE_KEY, region: null }, 'key-1', 'the service key'],
    [
      'a key of the same id in another Region',
      { keyArn: 'key-1', region: 'cn-beijing' },
      'key-1',
      'the key key-1 of cn-beijing',
    ],
  ])('to %s', (_, configured, wanted, what) => {
    expect(refusalOf(configured, wanted)).toEqual({
      code: 'IRREVERSIBLE',
      severity: 'MEDIUM',
      message: `it was configured with ${what}, and that can never be changed`,
      fix: 'create another Logstore with the key that you want, and send the logs there',
    });
  });

  it.each([
    'KEY_DISABLED',
    'KEY_PENDING_DELETION',
    'KEY_PENDING_REPLICA_DELETION',
    'KEY_PENDING_IMPORT',
    'KEY_UNAVAILABLE',
  ] as const)('but a key that is %s may be brought back', (code) => {
    const refusal = refusalOf(fixed, 'key-2', [aReason(code)]);

    expect(refusal?.message.endsWith(`can never be changed: the message of ${code}`)).toBe(true);
    expect(refusal?.fix.startsWith(`the fix of ${code}; or create another Logstore`)).toBe(true);
  });

  it('and an asymmetric key is not brought back by enabling it', () => {
    const refusal = refusalOf(fixed, 'key-2', [aReason('KEY_DISABLED'), aReason('KEY_NOT_SYMMETRIC')]);

    expect(refusal?.message).toContain('the message of KEY_NOT_SYMMETRIC');
    expect(refusal?.fix).toMatch(/^create another Logstore/);
  });

  it('and what is wrong with the service key or a key of another Region is said once', () => {
    const service = refusalOf({ keyArn: SERVICE_KEY, region: null }, 'key-2', [UNDER_SERVICE_KEY]);
    const far = refusalOf({ keyArn: 'key-1', region: 'cn-beijing' }, 'key-2', [aReason('KEY_NOT_FOUND')]);

    expect(service?.message).toBe('it was configured with the service key, and that can never be changed');
    expect(far?.message).toBe('it was configured with the key key-1 of cn-beijing, and that can never be changed');
  });

  it.each(['KEY_NOT_CONFIGURED', 'ENCRYPTION_OFF', 'SERVICE_KEY', 'KEY_NOT_FOUND', 'KEY_CREATING'] as const)(
    'and nobody can do anything about a key that is %s',
    (code) => {
      expect(refusalOf(fixed, 'key-2', [aReason(code)])?.fix).toMatch(/^create another Logstore/);
    },
  );
});

describe('a step', () => {
  const planned = (found: FoundLogStore, attached: KeyInspection | null, configured = inspection('key-1')) => {
    const reading = { status: 'FOUND', found } as const;
    return stepOf(evaluate({ reading, attached, finding: evaluated(found, attached), ...UNCONFIGURED }, configured));
  };

  it('is for good only where nothing was configured', () => {
    expect(planned(found(null), null)).toEqual({
      store: STORE,
      action: 'SEAL',
      fromKeyArn: null,
      toKeyArn: 'key-1',
      refusal: null,
      severity: 'HIGH',
      warnings: [],
      irreversible: true,
    });
    expect(planned(found(null, { keyArn: 'key-1', region: HERE }), null)).not.toHaveProperty('irreversible');
  });

  it('is not for good if it is refused', () => {
    const dead = inspection('key-1', [aReason('KEY_DISABLED')]);
    expect(planned(found(null), null, dead)).toMatchObject({ action: 'NONE', refusal: { code: 'KEY_DISABLED' } });
    expect(planned(found(null), null, dead)).not.toHaveProperty('irreversible');
  });

  it('is refused as IRREVERSIBLE before the key is checked', () => {
    const dead = inspection('key-2', [aReason('KEY_NOT_FOUND')]);
    expect(planned(found(null, { keyArn: 'key-1', region: HERE }), null, dead)?.refusal?.code).toBe('IRREVERSIBLE');
  });

  it('is refused for a problem with the role', () => {
    const missing = problem('KEY_POLICY_MISSING_ACTIONS', 'm', 'f');
    const configured: KeyInspection = { ...inspection('key-1'), policy: { status: 'ROLE', problem: missing } };
    expect(planned(found(null), null, configured)).toMatchObject({ action: 'NONE', refusal: missing });
  });

  it('is never for good for a log group', () => {
    const step = planned({ store: aLogGroup(), keyArn: null }, null);
    expect(step).toMatchObject({ action: 'SEAL' });
    expect(step).not.toHaveProperty('irreversible');
  });
});

it('a Logstore needs no key policy, and a note where it was unsealed', () => {
  expect(kindOf(STORE)).toBe(LOGSTORE);
  expect(LOGSTORE.policySubject(STORE)).toBeNull();
  expect(LOGSTORE.unsealedNote).toContain('in the clear');
});
