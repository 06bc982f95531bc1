import { describe, expect, it } from 'vitest';
import { inspectStores } from '../../lib/app/inspect-stores.ts';
import { keyCache } from '../../lib/app/key/key-cache.ts';
import { tagsNow } from '../../lib/app/store-tags.ts';
import type { PresentReading } from '../../lib/domain/log-store.ts';
import { rulesAt } from '../../lib/domain/rules.ts';
import { KEY, KEYS, OLD } from '../support/apply-steps.ts';
import { aFoundLogGroup, aLogGroup, NOW, TARGET } from '../support/builders.ts';
import { EXEMPTION, exempting } from '../support/configuration.ts';
import { aCloudError, type FakeWorld, fakeCloud } from '../support/fake-cloud.ts';

function aReading(name: string, keyArn: string | null = null): PresentReading {
  return { status: 'FOUND', found: aFoundLogGroup(name, keyArn) };
}

function aCache(world: FakeWorld = {}) {
  const { cloud, log } = fakeCloud({ keys: KEYS, ...world });
  return { facts: { keys: keyCache(TARGET, cloud.keys, rulesAt(NOW)), tags: tagsNow(cloud, rulesAt(NOW)) }, log };
}

describe('inspected log stores', () => {
  it('come with their key and their finding, in the order of the page', async () => {
    const { facts, log } = aCache();
    const page: PresentReading[] = [
      aReading('/dead', OLD),
      aReading('/none'),
      { status: 'UNREADABLE', store: aLogGroup('/unread'), failure: aCloudError('ACCESS_DENIED') },
      aReading('/dead-too', OLD),
    ];

    const inspected = await inspectStores(page, facts, rulesAt(NOW));

    expect(inspected.map(({ reading }) => reading)).toEqual(page);
    expect(
      inspected.map(({ attached, finding }) => [finding.name, finding.status, finding.severity, attached?.keyArn]),
    ).toEqual([
      ['/dead', 'NON_COMPLIANT', 'HIGH', OLD],
      ['/none', 'NON_COMPLIANT', 'MEDIUM', undefined],
      ['/unread', 'UNKNOWN', 'MEDIUM', undefined],
      ['/dead-too', 'NON_COMPLIANT', 'HIGH', OLD],
    ]);
    // Each key is inspected once.
    expect(log).toEqual([`kms:DescribeKey ${OLD}`]);
  });

  it('are compared with the required key, and may be exempt', async () => {
    const rules = rulesAt(NOW, { key: OLD, requiresKey: true, configuration: exempting('/exempt') });
    const page = [aReading('/a', KEY), aReading('/exempt', KEY)];

    const inspected = await inspectStores(page, aCache().facts, rules);

    expect(inspected.map(({ finding }) => finding)).toMatchObject([
      { name: '/a', status: 'NON_COMPLIANT', reasons: [{ code: 'KEY_NOT_CONFIGURED' }], exemption: null },
      { name: '/exempt', status: 'EXEMPT', reasons: [{ code: 'KEY_NOT_CONFIGURED' }], exemption: EXEMPTION },
    ]);
  });

  it('throw a defect in inspecting a key', async () => {
    const { facts } = aCache({ failures: { 'kms:DescribeKey': new TypeError('a defect') } });

    await expect(inspectStores([aReading('/a', KEY)], facts, rulesAt(NOW))).rejects.toThrow('a defect');
  });
});
