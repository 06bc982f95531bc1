import { describe, expect, test } from 'vitest';
import type { ScanTrigger } from '../../lib/lambda/triggers.ts';
import { ACCOUNT, aKeyArn, OTHER_ACCOUNT, REGION } from '../support/builders.ts';
import { keyRules } from '../support/configuration.ts';
import { aCloudError } from '../support/fake-cloud.ts';
import { reads } from './configurations.ts';
import { anEstate, anOrganization, LISTED, ORGANIZATION } from './scan-estate-setup.ts';
import { KEY_CHANGED, OTHER_REGION, request } from './scan-setup.ts';
import { NO_ORGANIZATION } from './support.ts';

const change = (keyArn: string): ScanTrigger => ({ ...KEY_CHANGED, eventName: 'DisableKey', keyArn }) as ScanTrigger;
const DISABLED = change(aKeyArn());
const EVERYWHERE = [`${ACCOUNT} ${REGION}`, `${OTHER_ACCOUNT} ${REGION}`];

describe('a change of the hub’s key', () => {
  test('that its members are configured to use has its Region scanned in every account, once a batch', async () => {
    const estate = anEstate({ members: LISTED, regions: [REGION, OTHER_REGION] });

    expect(await estate.scan(DISABLED, change(aKeyArn()))).toEqual([undefined, undefined]);

    expect(estate.requested()).toEqual(EVERYWHERE);
    expect(estate.bus.of('Scan Requested').map(({ runId }) => runId)).toEqual(['changed', 'changed']);
    expect(estate.scans).toEqual([]);
  });

  test('that a key rule names for a member alone has its Region scanned there, too', async () => {
    const other = aKeyArn('other');
    const configuration = reads(keyRules([{ names: ['*'], accounts: [OTHER_ACCOUNT] }, other]));
    const estate = anEstate({ members: LISTED });

    await estate.attempt(1, [change(other)], { configuration });

    expect(estate.requested()).toEqual(EVERYWHERE);
    expect(estate.bus.of('Key Finding')).toMatchObject([{ keyArn: other, isConfigured: true }]);
  });

  test('that is not configured is about the hub alone', async () => {
    const estate = anEstate({ members: LISTED });

    await estate.scan(change(aKeyArn('another')));

    expect(estate.requested()).toEqual([]);
    expect(estate.scans).toMatchObject([[{ report: { account: ACCOUNT } }, {}]]);
  });

  test('that is configured by the name of an alias is about the hub alone: each member has its own', async () => {
    const estate = anEstate({ members: LISTED });
    const config = { ...estate.work.config, key: 'alias/logseal' };

    await estate.attempt(1, [{ ...KEY_CHANGED, eventName: 'UpdateAlias', alias: 'alias/logseal' } as ScanTrigger], {
      config,
    });

    expect(estate.requested()).toEqual([]);
    expect(estate.scans).toMatchObject([[{ report: { account: ACCOUNT } }, {}]]);
  });

  test('without members is scanned for at once', async () => {
    const estate = anEstate({ members: null });

    await estate.scan(DISABLED);

    expect(estate.requested()).toEqual([]);
    expect(estate.scans).toHaveLength(1);
  });

  test('in a Region that not every account enables is scanned for where a scan has been', async () => {
    const region = 'af-south-1';
    const members = { ...LISTED, accounts: [OTHER_ACCOUNT, '777788889999'] };
    const estate = anEstate({ members, regions: null });
    const key = aKeyArn('k', { region });
    const now = { config: { ...estate.work.config, key } };
    await estate.scan(request({ target: { account: OTHER_ACCOUNT, region } }));

    await estate.attempt(
      1,
      [{ ...change(key), target: { provider: 'aws', account: ACCOUNT, region } } as ScanTrigger],
      now,
    );

    expect(estate.requested()).toEqual([`${ACCOUNT} ${region}`, `${OTHER_ACCOUNT} ${region}`]);
  });

  test('waits in the queue while the organization does not answer, and in the end has those scanned that are known', async () => {
    const silent = aCloudError('THROTTLED');
    const organization = { ...NO_ORGANIZATION, accounts: () => Promise.reject(silent) };
    const estate = anEstate({ members: ORGANIZATION, organization });

    expect(await estate.scan(DISABLED)).toEqual([silent]);
    expect(estate.requested()).toEqual([]);
    expect(await estate.attempt(10, [DISABLED])).toEqual([undefined]);

    expect(estate.requested()).toEqual([`${ACCOUNT} ${REGION}`]);
    expect(estate.errors).toEqual([expect.stringContaining('not scanned before the next schedule')]);
  });

  test('is scanned for in the accounts of the organization', async () => {
    const organization = anOrganization([ACCOUNT, true], [OTHER_ACCOUNT, true]);
    const estate = anEstate({ members: ORGANIZATION, organization });

    await estate.scan(DISABLED);

    expect(estate.requested()).toEqual(EVERYWHERE);
  });
});
