import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { matchesWildcard } from '../../lib/domain/key-policy/wildcard.ts';
import { PARTITIONS } from '../../lib/domain/partition.ts';
import type { Right } from '../../sandbox/role.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import type { World } from '../../sandbox/world.ts';
import { aKeyChange, anAliasChange } from '../events/builders.ts';
import { ACCOUNT as HUB, OTHER_ACCOUNT as MEMBER, REGION } from '../support/builders.ts';
import { MEMBER_ROLE, memberRole } from '../support/member-role.ts';
import { admitting, logGroupsUnder, QUERY_RESULTS } from '../support/policies.ts';
import { anEstateWorld, ofHub } from './estate.ts';
import { TEMPLATE } from './support.ts';

/** Compares the rights of the role in deploy/member-role.yaml with those that the hub's functions use in a member account. */

const ROLE = `arn:aws:iam::${MEMBER}:role/logseal-member`;
const OWN_RESULTS = JSON.parse(JSON.stringify(QUERY_RESULTS).replaceAll('{home}', '{account}'));
const OWN_LOGS = logGroupsUnder('arn:{partition}:logs:{region}:{account}:log-group:*');
const DAY_MS = 86_400_000;
const CONFIG = JSON.stringify({
  schema: 'logseal/config/1',
  exemptions: [
    {
      ...{ id: 'e', match: { tags: { team: 'data' } }, reason: 'r', owner: 'o' },
      expires: new Date(Date.now() + 30 * DAY_MS).toISOString().slice(0, 10),
    },
  ],
  keys: [{ match: { names: ['*'] }, key: 'alias/logseal' }],
});

const others = [...(PARTITIONS.find(({ name }) => name === 'aws')?.enabledByDefault ?? [])].filter(
  (region) => region !== REGION && region !== 'us-east-1',
);

/** A member with every kind of finding, and a key that can be used for all of them. */
function aWorldOf(role: Readonly<Record<string, string>>): World {
  const world = anEstateWorld(
    { [MEMBER]: { role } },
    {
      keys: {
        [`of-${MEMBER}`]: { alias: 'alias/logseal', account: MEMBER, policy: admitting(OWN_LOGS, OWN_RESULTS) },
        'of-member-dying': { account: MEMBER, state: 'PendingDeletion' },
        foreign: { account: '999988887777' },
      },
      parameters: { '/logseal/config': CONFIG },
    },
  );
  const groups = { '/a': null, '/b': 'of-member-dying', '/c': 'foreign', '/logseal/probe': null };
  return {
    ...world,
    // So that a hub with Regions=all has little to scan.
    disabledRegions: { [HUB]: others, [MEMBER]: others },
    elsewhere: [
      { account: MEMBER, groups, queryResults: 'of-member-dying' },
      { account: MEMBER, region: 'us-east-1', groups: { '/there': null } },
    ],
  };
}

async function memberKey(): Promise<string> {
  const sandbox = await startSandbox({ world: aWorldOf({}) });
  await sandbox.close();
  const { keys, aliases } = sandbox.cloud.regions.get(`${MEMBER}/${REGION}`) ?? {};
  return keys?.get(aliases?.get('alias/logseal')?.TargetKeyId ?? '')?.Arn ?? '';
}

interface Scenario {
  readonly role: Readonly<Record<string, string>>;
  readonly uses: readonly Right[];
}

/** A scan with its remediation, then changes of a key and an alias. */
async function scenario(
  role: Readonly<Record<string, string>>,
  hub: Readonly<Record<string, string>> = {},
): Promise<Scenario> {
  const world = aWorldOf(role);
  const shared = Object.fromEntries(Object.entries(role).filter(([name, value]) => name !== 'Mode' && value !== ''));
  const parameters = { Mode: 'Enforce', KeyId: 'alias/logseal', ...shared, ...ofHub(MEMBER), ...hub };
  const sandbox = await startSandbox({ world, stack: { template: TEMPLATE, parameters, timeScale: 0.00001 } });
  sandbox.stack?.fireSchedule();
  await sandbox.stack?.idle();
  sandbox.stack?.deliver(aKeyChange('PutKeyPolicy', {}, { account: MEMBER }) as never);
  sandbox.stack?.deliver(anAliasChange('UpdateAlias', 'alias/logseal', { account: MEMBER }) as never);
  await sandbox.stack?.idle();
  const uses = [...(sandbox.cloud.roles.get(ROLE)?.used.values() ?? [])];
  await sandbox.close();
  return { role, uses };
}

interface Grant {
  readonly sid: string;
  readonly action: string;
  readonly resources: readonly string[];
}

const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

function grantsOf(role: Readonly<Record<string, string>>): Grant[] {
  const documents = memberRole(MEMBER, role).policies as { Statement: Record<string, string | string[]>[] }[];
  return documents.flatMap(({ Statement }) =>
    Statement.flatMap(({ Sid, Action = [], Resource = [] }) =>
      list(Action).map((action) => ({ sid: String(Sid), action, resources: list(Resource) })),
    ),
  );
}

const covers = ({ action, resources }: Grant, use: Right) =>
  matchesWildcard(action, use.action) && resources.some((resource) => matchesWildcard(resource, use.resource));

/** Rights that no scenario uses. */
const NOT_USED_HERE: readonly string[] = [
  // Only needed when the role lacks a right on the key, which the template gives it.
  'ReadGrants kms:ListGrants',
];

describe('the role in a member account', () => {
  const scenarios: Scenario[] = [];
  let audit: Scenario;
  beforeAll(async () => {
    const key = await memberKey();
    const enforcing = { Mode: 'Enforce', QueryResults: 'true' };
    const regions = { Regions: `${REGION},us-east-1` };
    scenarios.push(
      await scenario({ ...enforcing, KeyId: 'alias/logseal' }, regions),
      await scenario({ ...enforcing, KeyId: '' }, { ...regions, ConfigUri: 'ssm:/logseal/config' }),
      await scenario({ ...enforcing, KeyId: key }),
      await scenario({ ...enforcing, KeyId: 'alias/logseal' }, { Regions: 'all' }),
      await scenario({ ...enforcing, KeyId: `arn:aws:kms:${REGION}:${MEMBER}:alias/logseal` }),
    );
    audit = await scenario({ Mode: 'Audit', QueryResults: 'true', KeyId: 'alias/logseal' }, { Mode: 'Audit' });
  }, 120_000);

  it('has every right that is used', () => {
    const uses = scenarios.flatMap((each) => each.uses);
    expect(uses.length).toBeGreaterThan(20);
    expect(uses.filter(({ allowed }) => !allowed)).toEqual([]);
  });

  it('has no right that is never used', () => {
    const rights = Map.groupBy(
      scenarios.flatMap(({ role }) => grantsOf(role)),
      ({ sid, action }) => `${sid} ${action}`,
    );
    const uses = scenarios.flatMap((each) => each.uses);
    const unused = [...rights].flatMap(([name, grants]) =>
      grants.some((grant) => uses.some((use) => covers(grant, use))) ? [] : [name],
    );
    expect(unused.sort()).toEqual(NOT_USED_HERE.toSorted());
  });

  it('reads only with Mode=Audit, and lacks nothing then but what would tell of its own rights', () => {
    const changing = /:(Associate|Disassociate|Put|Create|Delete|Update|Encrypt|Decrypt|ReEncrypt|GenerateDataKey)/;
    const rights = grantsOf(audit.role).map(({ action }) => action);
    expect(rights.filter((action) => changing.test(action))).toEqual([]);
    const lacking = new Set(audit.uses.flatMap(({ action, allowed }) => (allowed ? [] : [action])));
    expect([...lacking].filter((action) => !action.startsWith('iam:'))).toEqual([]);
  });

  it('may ask IAM about no role but itself', () => {
    const own = grantsOf({ Mode: 'Enforce' }).filter(({ action }) => action.startsWith('iam:'));
    expect(own.map(({ action, resources }) => [action, resources])).toEqual([
      ['iam:GetRole', [ROLE]],
      ['iam:SimulatePrincipalPolicy', [ROLE]],
    ]);
  });

  it('has a comment that explains each wildcard in a resource', () => {
    const statements = readFileSync(MEMBER_ROLE, 'utf8').split(/(?=Sid: )/);
    const wide = statements.filter((statement) => /Resource: (?:!Sub\n\s+- )?.*\*/.test(statement));
    expect(wide.length).toBeGreaterThan(8);
    expect(wide.filter((statement) => !/^Sid: \w+ # .{10}/.test(statement))).toEqual([]);
  });
});
