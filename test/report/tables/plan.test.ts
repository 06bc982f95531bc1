import { describe, expect, it } from 'vitest';
import { problem, type Refusal } from '../../../lib/domain/reasons.ts';
import { logStoreOf } from '../../../lib/domain/stores/index.ts';
import { aKeyArn, aReason, aReport, aStep, OTHER_ACCOUNT, TARGET } from '../../support/builders.ts';
import { COLORED, drawn, GREEN, planTotals, RED, STEPS, YELLOW } from '../builders.ts';

const FAILED = aReport({ status: 'FAILED', stores: 0, error: { code: 'NETWORK', message: 'no route' } });

const SOUND = { warnings: [], problems: [] };

describe('a plan', () => {
  it('shows what would be done, what would not and why', () => {
    const text = drawn('plan', STEPS, planTotals());

    expect(text).toMatch(/^SEAL +\/none +-$/m);
    expect(text).toMatch(/^SEAL +\/dead +dead$/m);
    expect(text).toMatch(/^refused: KEY_UNREADABLE +\/refused +-$/m);
    expect(text).toContain('\nRefused, and how to fix it\nMEDIUM KEY_UNREADABLE × 1\n');
    expect(text).toContain('fix: the fix of KEY_UNREADABLE');
    expect(text).toMatch(/\n2 to seal with alias\/logseal, 1 refused\n$/);
  });

  it('says once a key, with the number of log stores, what is not known of those who write and read', () => {
    const warning = (fix: string) => [problem('WRITERS_UNPROVEN', 'nothing shows it', fix)];
    const steps = [
      aStep({ name: '/a', warnings: [...warning('repair one'), problem('KEY_POLICY_DENIES', 'denied', 'f')] }),
      aStep({ name: '/b', warnings: warning('repair one') }),
      aStep({ name: '/c', warnings: warning('repair the other') }),
      aStep({ name: '/d', action: 'NONE', refusal: aReason('KEY_DISABLED'), warnings: warning('repair one') }),
    ];

    const text = drawn('plan', steps, planTotals());

    expect(text).toContain(
      '\nBefore you seal\nHIGH WRITERS_UNPROVEN × 2\n  nothing shows it\n  fix: repair one\n' +
        'HIGH WRITERS_UNPROVEN × 1\n  nothing shows it\n  fix: repair the other\n\n3 to seal',
    );
    expect(text).not.toContain('KEY_POLICY_DENIES');
  });

  it('names the log groups of each CloudFormation stack: ten, or all of them', () => {
    const steps = Array.from({ length: 12 }, (_, index) => {
      const message = `/${index} belongs to the CloudFormation stack shop`;
      return aStep({ name: `/${index}`, warnings: [problem('MANAGED_BY_CLOUDFORMATION', message, 'set KmsKeyId')] });
    });

    expect(drawn('plan', steps, planTotals())).toContain(
      'LOW MANAGED_BY_CLOUDFORMATION × 12\n  /0 belongs to the CloudFormation stack shop (and others like it)\n' +
        '  log stores: /0, /1, /2, /3, /4, /5, /6, /7, /8, /9 and 2 more: add --all to name each\n  fix: set KmsKeyId\n',
    );
    expect(drawn('plan', steps, planTotals(), { showAll: true })).toContain('/9, /10, /11\n  fix: ');
    expect(drawn('plan', steps.slice(0, 1), planTotals())).not.toContain('log stores: ');
  });

  it('of nothing says what is wrong with the key all the same', () => {
    const refusals = [aReason('KEY_NOT_FOUND')];
    const key = {
      ...planTotals().key,
      targets: [{ ...TARGET, configured: 'alias/logseal', keyArn: null, refusals, ...SOUND }],
    };

    expect(drawn('plan', [], planTotals({ key }))).toBe(
      'Plan for account 111122223333, eu-west-1\n\nNothing could be sealed with this key\nCRITICAL KEY_NOT_FOUND × 1\n  the message of KEY_NOT_FOUND\n' +
        '  fix: the fix of KEY_NOT_FOUND\n\n0 to seal with alias/logseal, 0 refused\n' +
        'the key cannot be used: KEY_NOT_FOUND\n',
    );
  });

  it('that refuses everything says once why the key cannot be used', () => {
    const step = aStep({ action: 'NONE', refusal: aReason('KEY_DISABLED') });
    const of = (...refusals: Refusal[]) =>
      planTotals({
        key: {
          ...planTotals().key,
          targets: [{ ...TARGET, configured: 'alias/logseal', keyArn: aKeyArn(), refusals, ...SOUND }],
        },
      });

    const text = drawn('plan', [step], of(aReason('KEY_DISABLED')));

    expect(text.match(/the message of KEY_DISABLED/g)).toHaveLength(1);
    expect(text).toMatch(/1 refused\nthe key cannot be used: KEY_DISABLED\n$/);
    expect(drawn('plan', [step], of(aReason('KEY_WRONG_USAGE')))).toMatch(
      /\nthe key cannot be used: the message of KEY_WRONG_USAGE\n$/,
    );
  });

  it('of nothing does not say so of a key that can be used somewhere', () => {
    const unusable = {
      ...TARGET,
      configured: 'alias/logseal',
      keyArn: null,
      refusals: [aReason('KEY_NOT_FOUND')],
      ...SOUND,
    };
    const usable = {
      ...TARGET,
      region: 'us-east-1',
      configured: 'alias/logseal',
      keyArn: aKeyArn(),
      refusals: [],
      ...SOUND,
    };
    const key = { ...planTotals().key, targets: [unusable, usable] };

    const text = drawn('plan', [], planTotals({ key }));

    expect(text).toMatch(/\n\nThis key cannot be used in every Region\nCRITICAL KEY_NOT_FOUND × 1\n/);
    expect(text).not.toContain('the key cannot be used');
  });

  it('says in which Region the rights of the caller are not known, and why', () => {
    const known = {
      ...TARGET,
      region: 'us-east-1',
      configured: 'alias/logseal',
      keyArn: aKeyArn(),
      refusals: [],
      ...SOUND,
    };
    const unknown = {
      ...TARGET,
      configured: 'alias/logseal',
      keyArn: aKeyArn(),
      refusals: [],
      ...SOUND,
      rightsUnknown: 'it takes a right',
    };
    const key = { ...planTotals().key, targets: [known, unknown] };

    const text = drawn('plan', STEPS, planTotals({ key }));

    expect(text.match(/^note: .*$/gm)).toEqual([
      'note: whether the caller may seal every log store in eu-west-1 is not known: it takes a right',
    ]);
    expect(text).toMatch(/\n2 to seal with alias\/logseal, 1 refused\n$/);
  });

  it('names the account as well in what is not known, where there are several', () => {
    const key = { configured: 'alias/logseal', keyArn: aKeyArn(), refusals: [], ...SOUND };
    const there = { ...TARGET, account: OTHER_ACCOUNT };
    const targets = [
      { ...TARGET, ...key, rightsUnknown: 'no right', stacksUnknown: 'too many' },
      { ...there, ...key, stacksUnknown: 'too many' },
    ];

    const text = drawn('plan', STEPS, planTotals({ key: { ...planTotals().key, targets } }));

    expect(text.match(/^note: .*$/gm)).toEqual([
      'note: whether the caller may seal every log store in 111122223333 eu-west-1 is not known: no right',
      'note: which log groups in 111122223333 eu-west-1, 444455556666 eu-west-1 CloudFormation owns is not known: too many',
    ]);
  });

  it('does not repeat what is wrong with the key where the steps say it', () => {
    const refusals = [aReason('KEY_NOT_FOUND')];
    const key = {
      ...planTotals().key,
      targets: [{ ...TARGET, configured: 'alias/logseal', keyArn: null, refusals, ...SOUND }],
    };

    expect(drawn('plan', STEPS, planTotals({ key }))).not.toContain('Nothing could be sealed');
  });

  it('has the reason alone of what is refused where there is little room', () => {
    expect(drawn('plan', STEPS, planTotals(), { width: 80 })).toMatch(/^KEY_UNREADABLE +\/refused +-$/m);
    expect(drawn('plan', STEPS, planTotals(), { width: 200 })).toMatch(/^refused: KEY_UNREADABLE +\/refused +-$/m);
  });

  it('of nothing is short', () => {
    expect(drawn('plan', [], planTotals())).toBe(
      'Plan for account 111122223333, eu-west-1\n\n0 to seal with alias/logseal, 0 refused\n',
    );
  });

  it('counts what is open by severity first, and names keys by their alias where several are attached', () => {
    const [one, other] = [aKeyArn('one'), aKeyArn('other')];
    const steps = [
      aStep({ name: '/a', severity: 'HIGH', toKeyArn: one }),
      aStep({ name: '/b', severity: 'MEDIUM', toKeyArn: other }),
    ];
    const targets = [
      { ...TARGET, configured: 'alias/one', keyArn: one, refusals: [], ...SOUND },
      { ...TARGET, configured: other, keyArn: other, refusals: [], ...SOUND },
    ];

    const text = drawn('plan', steps, planTotals({ key: { ...planTotals().key, targets } }));

    expect(text.split('\n')[1]).toBe('2 log stores open: HIGH 1, MEDIUM 1');
    expect(text).toMatch(/^HIGH +SEAL +\/a +alias\/one$/m);
    expect(text).toMatch(/^MEDIUM +SEAL +\/b +other$/m);
  });

  it('says how many Logstores would be configured for good', () => {
    const steps = [aStep({ irreversible: true }), aStep({ name: '/b' })];
    const text = drawn('plan', steps, planTotals());

    expect(text).toMatch(/^SEAL for good +\/app\/a$/m);
    expect(text).toContain(
      '\n1 Logstore would be encrypted for good: neither the type nor the key can ever be changed\n2 to seal',
    );
    expect(drawn('plan', STEPS, planTotals())).not.toContain('for good');
  });

  it.each<[string, readonly string[], string]>([
    ['under the configured key', ['key-1', 'key-1'], '2 to seal with key-1, 0 refused'],
    [
      'under keys of their own',
      ['key-2', 'key-3'],
      '2 to seal with the keys that they were configured with, 0 refused',
    ],
    ['under its own key', ['key-2'], '1 to seal with the key that it was configured with, 0 refused'],
    [
      'under both',
      ['key-1', 'key-2', 'key-1'],
      '3 to seal, 2 with key-1 and 1 with the key that it was configured with, 0 refused',
    ],
  ])('says how many Logstores would be switched on %s', (_, keys, last) => {
    const target = { provider: 'alibaba', account: '', region: 'cn-hangzhou' } as const;
    const steps = keys.map((toKeyArn, index) =>
      aStep({ store: logStoreOf('logstore', 'acs', target, `app-logs/s-${index}`), toKeyArn }),
    );
    const key = { ...planTotals().key, configured: 'key-1' };

    expect(drawn('plan', steps, planTotals({ key })).trimEnd().split('\n').at(-1)).toBe(last);
  });

  it('names a target that was not scanned completely', () => {
    const text = drawn('plan', STEPS, planTotals({ targets: [aReport(), FAILED] }));

    expect(text).toContain('eu-west-1 was not scanned completely: NETWORK: no route\n');
    expect(text).toContain('\n2 to seal with alias/logseal, 1 refused');
  });

  it('that failed says that nothing was planned', () => {
    expect(drawn('plan', [], planTotals({ targets: [FAILED] }))).toMatch(
      /: NETWORK: no route\n[\s\S]*\nNothing was planned in 111122223333: NETWORK\n$/,
    );
  });

  it('is green, yellow and red', () => {
    const steps = [...STEPS, aStep({ irreversible: true })];
    const text = drawn('plan', steps, planTotals(), { paint: COLORED });

    expect(text).toContain(`${GREEN}SEAL`);
    expect(text).toContain(`${YELLOW}refused: KEY_UNREADABLE`);
    expect(text).toContain(`${RED}SEAL for good`);
  });
});
