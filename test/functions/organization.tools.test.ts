import { afterAll, beforeAll, expect, it } from 'vitest';
import { ENABLED_BY_DEFAULT } from '../../lib/domain/partition.ts';
import type { World } from '../../sandbox/world.ts';
import { aFindingEvent, aLogGroupChange } from '../events/builders.ts';
import { putEvents, refusal } from '../sandbox/support.ts';
import { ACCOUNT, REGION } from '../support/builders.ts';
import { aWorld } from '../support/logseal.ts';
import { EXTERNAL_ID, memberRole } from '../support/member-role.ts';
import { type Moto, startMoto } from '../support/moto.ts';
import { aMotoOrganization, type MotoOrganization } from '../support/moto-organization.ts';
import { admitting, logGroupsUnder } from '../support/policies.ts';
import { aStack, changedTemplate } from './stack.ts';

/** With 300 it takes minutes; docs/reliability.md has what came of it. */
const ACCOUNTS = Number(process.env['LOGSEAL_ACCOUNTS'] ?? 20);
/** 17 of them. */
const REGIONS = [...ENABLED_BY_DEFAULT];
const OWN_LOG_GROUPS = admitting(logGroupsUnder('arn:{partition}:logs:{region}:{account}:log-group:*'));

const STRANGER = '999988887777';

let moto: Moto;

beforeAll(async () => {
  moto = await startMoto({ account: ACCOUNT });
}, 120_000);
afterAll(() => moto.stop());

/** Each account has, in each Region, a key under the configured alias and a log group without a key. One has no role. */
function worldOf({ id, accounts: members }: MotoOrganization, failing: string, throttled: string): World {
  const accounts = [ACCOUNT, ...members];
  const places = accounts.flatMap((account) => REGIONS.map((region) => ({ account, region })));
  const key = { alias: 'alias/logseal', policy: OWN_LOG_GROUPS } as const;
  const entered = members.filter((account) => account !== failing);
  const parameters = { Mode: 'Enforce', KeyId: 'alias/logseal' };
  return aWorld({
    organization: id,
    outsiders: [STRANGER],
    keys: Object.fromEntries(places.map((place) => [`${place.account}-${place.region}`, { ...place, ...key }])),
    roles: Object.fromEntries(entered.map((account) => [`of-${account}`, memberRole(account, parameters)])),
    groups: {},
    elsewhere: places.map((place) => ({ ...place, groups: { [`/of/${place.account}`]: null } })),
    faults: [{ call: 'logs:AssociateKmsKey', kind: 'throttle', resource: `/of/${throttled}`, rate: 0.5 }],
  });
}

it('A hub seals an organization in 17 Regions, although one fails, one is throttled and one is hostile', async () => {
  const organization = await aMotoOrganization(moto.url, { accounts: ACCOUNTS - 1 });
  const [failing = '', throttled = '', hostile = '', ...others] = organization.accounts;
  const template = changedTemplate(
    'LOGSEAL_CONFIG_URI: !Ref ConfigUri',
    `LOGSEAL_CONFIG_URI: !Ref ConfigUri\n        AWS_ENDPOINT_URL_ORGANIZATIONS: ${moto.url}`,
  );
  const hub = await aStack({
    world: worldOf(organization, failing, throttled),
    mode: 'Enforce',
    template,
    parameters: {
      ...{ Organization: organization.id, ExternalId: EXTERNAL_ID, Regions: 'all' },
      ...{ ScanConcurrency: '2', RemediateConcurrency: '2' },
    },
  });
  const put = { EventBusName: `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/logseal`, Source: 'logseal' };
  const forged = { ...put, DetailType: 'Log Store Finding', Detail: JSON.stringify(aFindingEvent('/of/x').detail) };
  expect(await refusal(putEvents(hub.sandbox, [forged], '', hostile))).toContain('AccessDenied');
  const flood = Array.from({ length: 1_000 }, (_, index) =>
    aLogGroupChange({ logGroupName: `/flood/${index}` }, {}, { account: hostile }),
  );
  const ofStranger = aLogGroupChange({ logGroupName: '/stranger' }, {}, { account: STRANGER });
  for (const event of [...flood, ofStranger]) hub.stack.deliver(event as Parameters<typeof hub.stack.deliver>[0]);
  hub.stack.fireSchedule();
  await hub.stack.idle();

  const forwarded = hub.stack.events().filter(({ source }) => source === 'aws.logs');
  expect(new Set(forwarded.map(({ account }) => account))).toEqual(new Set([hostile]));
  expect(forwarded).toHaveLength(flood.length);
  const scans = hub.events('Scan Completed');
  expect(scans.filter(({ status }) => status === 'COMPLETE')).toHaveLength((ACCOUNTS - 1) * REGIONS.length);
  expect(scans.filter(({ status }) => status === 'FAILED').map(({ account, error }) => [account, error.code])).toEqual([
    [failing, 'ROLE_REFUSED'],
  ]);
  const sealed = hub.outcomes().filter(({ outcome }) => outcome === 'SEALED');
  const placesSealed = new Set(sealed.map(({ store }) => store.arn));
  expect([placesSealed.size, sealed.length]).toEqual([
    (ACCOUNTS - 1) * REGIONS.length,
    (ACCOUNTS - 1) * REGIONS.length,
  ]);
  for (const account of [ACCOUNT, throttled, hostile, ...others]) {
    for (const region of REGIONS) {
      const group = hub.sandbox.cloud.regions.get(`${account}/${region}`)?.logGroups.get(`/of/${account}`);
      expect(group?.kmsKeyId, `${account} ${region}`).toContain(`:${region}:${account}:key/`);
    }
  }
  hub.noDeadLetters();
}, 900_000);
