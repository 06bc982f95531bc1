import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../lib/domain/finding.ts';
import { problem, type Reason } from '../../../lib/domain/reasons.ts';
import { pendingDeletion } from '../../../lib/domain/unusable-key.ts';
import { countedCustodies, custodyOf } from '../../../lib/report/html/custody.ts';
import { fixGroups } from '../../../lib/report/html/fix-groups.ts';
import { countedKeys, keyState } from '../../../lib/report/html/key-uses.ts';
import { countedPlaces, sharePercent } from '../../../lib/report/html/places.ts';
import { aFinding, aKeyArn, aLogGroup, aReason, aReport } from '../../support/builders.ts';

const COMPLIANT = { status: 'COMPLIANT', severity: null, reasons: [], keyArn: aKeyArn() } as const;
const under = (nickname: string, ...reasons: readonly Reason[]): Finding =>
  aFinding({ status: reasons.length ? 'NON_COMPLIANT' : 'COMPLIANT', reasons, keyArn: aKeyArn(nickname) });

describe('the share that is compliant', () => {
  it.each([
    [{ COMPLIANT: 9_999, NON_COMPLIANT: 1, EXEMPT: 0, UNKNOWN: 0 }, 99],
    [{ COMPLIANT: 3, NON_COMPLIANT: 0, EXEMPT: 5, UNKNOWN: 0 }, 100],
    [{ COMPLIANT: 1, NON_COMPLIANT: 0, EXEMPT: 0, UNKNOWN: 1 }, 50],
    [{ COMPLIANT: 0, NON_COMPLIANT: 0, EXEMPT: 5, UNKNOWN: 0 }, null],
  ])('of %j is %j', (counts, share) => {
    expect(sharePercent(counts)).toBe(share);
  });
});

it('places count the findings of each target that was scanned, and know the worst that is open', () => {
  const places = countedPlaces();
  places.add(aFinding({ severity: 'LOW' }));
  places.add(aFinding({ severity: 'HIGH' }));
  places.add(aFinding({ severity: 'CRITICAL', status: 'EXEMPT' }));
  places.add(aFinding({ ...aLogGroup('/b', { region: 'us-east-1' }), ...COMPLIANT }));
  const [here, there, failed] = places.of([
    aReport(),
    aReport({ region: 'us-east-1' }),
    aReport({ region: 'eu-north-1', status: 'FAILED' }),
  ]);

  expect(here).toMatchObject({ counts: { NON_COMPLIANT: 2, EXEMPT: 1, COMPLIANT: 0 }, worst: 'HIGH' });
  expect(there).toMatchObject({ counts: { COMPLIANT: 1 }, worst: null });
  expect(failed).toMatchObject({ report: { status: 'FAILED' }, counts: { COMPLIANT: 0 }, worst: null });
});

describe('keys', () => {
  it('are ordered by what is wrong with them, then by their log stores', () => {
    const keys = countedKeys();
    const dying = pendingDeletion(aKeyArn('dying'), 'ATTACHED', new Date('2026-12-05T10:00:00Z'), 'cancel it');
    for (const finding of [under('a'), under('b'), under('b'), under('dying', dying), under('off', aReason())])
      keys.add(finding);
    keys.add({ ...under('off', aReason()), status: 'EXEMPT' });

    expect(keys.all().map(({ keyArn, stores, exempt, deletedOn }) => [keyArn, stores, exempt, deletedOn])).toEqual([
      [aKeyArn('dying'), 1, 0, '2026-12-05'],
      [aKeyArn('off'), 2, 1, null],
      [aKeyArn('b'), 2, 0, null],
      [aKeyArn('a'), 1, 0, null],
    ]);
    expect(keys.all().map(keyState)).toEqual([
      'The key is scheduled for deletion',
      'The key is disabled',
      'The key works',
      'The key works',
    ]);
  });

  it('work where only another one is required', () => {
    const keys = countedKeys();
    keys.add(under('a', aReason('KEY_NOT_CONFIGURED')));
    keys.add(aFinding());

    expect(keys.all()).toMatchObject([{ keyArn: aKeyArn('a'), problems: [], severity: null }]);
  });

  it('without a problem are told apart up to 10,000; all with one are', () => {
    const keys = countedKeys();
    for (let index = 0; index < 10_005; index++) keys.add(under(`key-${index}`));
    keys.add(under('off', aReason()));

    expect(keys.all()).toHaveLength(10_001);
    expect(keys.all()[0]?.keyArn).toBe(aKeyArn('off'));
    expect(keys.omitted()).toBe(5);
  });
});

describe('who holds the key', () => {
  it.each<[string, Partial<Finding>]>([
    ['OWN_KEY', COMPLIANT],
    ['OWN_KEY', { reasons: [aReason('KEY_NOT_CONFIGURED')], keyArn: aKeyArn() }],
    ['OWN_KEY_BROKEN', { reasons: [aReason('KEY_DISABLED')], keyArn: aKeyArn() }],
    ['OWN_KEY_BROKEN', { reasons: [aReason('KEY_NOT_FOUND')], keyArn: aKeyArn() }],
    ['OWN_KEY_BROKEN', { ...COMPLIANT, warnings: [problem('KEY_POLICY_DENIES', 'm', 'f')] }],
    ['FOREIGN_KEY', { ...COMPLIANT, keyArn: aKeyArn('theirs').replace('111122223333', '444455556666') }],
    ['MANAGED_KEY', { reasons: [aReason('KEY_AWS_MANAGED')], keyArn: aKeyArn() }],
    ['PROVIDER_KEY', {}],
    ['PROVIDER_KEY', { provider: 'alibaba', ...COMPLIANT, keyArn: 'service-key' }],
    ['NOT_ENCRYPTED', { provider: 'alibaba', reasons: [aReason('ENCRYPTION_OFF')] }],
    ['UNKNOWN', { reasons: [aReason('KEY_UNREADABLE')], keyArn: aKeyArn() }],
  ])('%s: %j', (custody, finding) => {
    expect(custodyOf(aFinding(finding))).toBe(custody);
  });

  it('is counted, exempt or not', () => {
    const custodies = countedCustodies();
    custodies.add(aFinding({ status: 'EXEMPT' }));
    custodies.add(aFinding());

    expect(custodies.counts.PROVIDER_KEY).toBe(2);
  });
});

describe('fixes', () => {
  it('are one for each thing that is wrong, with those for the most log stores first', () => {
    const groups = fixGroups();
    const disabled = (key: string) => problem('KEY_DISABLED', `${key} is disabled`, `enable ${key}`);
    for (const finding of [
      under('a', disabled('a')),
      under('b', disabled('b')),
      under('b', disabled('b')),
      aFinding(),
    ]) {
      groups.add(finding, finding.reasons);
    }

    expect(groups.all()).toMatchObject([
      {
        code: 'KEY_DISABLED',
        stores: 3,
        fixes: [
          { text: 'enable b', stores: 2, keyArn: aKeyArn('b') },
          { text: 'enable a', stores: 1 },
        ],
      },
      { code: 'NO_KEY', stores: 1, regions: ['eu-west-1'], fixes: [{ names: ['/app/a'], keyArn: null }] },
    ]);
  });

  it('are bounded for one thing, and leave room for others', () => {
    const groups = fixGroups();
    for (let index = 0; index < 600; index++) groups.add(aFinding(), [problem('KEY_DISABLED', 'off', `fix ${index}`)]);
    groups.add(aFinding(), [aReason('NO_KEY')]);
    const [disabled, noKey] = groups.all();

    expect(disabled).toMatchObject({ stores: 600, omitted: 100 });
    expect(disabled?.fixes).toHaveLength(500);
    expect(noKey).toMatchObject({ code: 'NO_KEY', stores: 1 });
  });
});
