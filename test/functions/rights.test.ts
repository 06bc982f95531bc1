import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createCalls } from '../../lib/aws/calls.ts';
import { createRemediationTurns } from '../../lib/aws/remediation-turns.ts';
import { createScanTable } from '../../lib/aws/scan-table.ts';
import { matchesWildcard } from '../../lib/domain/key-policy/wildcard.ts';
import { PARTITIONS } from '../../lib/domain/partition.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { readTemplate } from '../../sandbox/template/template.ts';
import type { World } from '../../sandbox/world.ts';
import { aFindingEvent, aKeyChange, anAliasChange } from '../events/builders.ts';
import { clients } from '../sandbox/support.ts';
import { TARGET } from '../support/builders.ts';
import { aWorld } from '../support/logseal.ts';
import { admitting, LOG_GROUPS, QUERY_RESULTS } from '../support/policies.ts';
import { anEstateWorld, ofHub } from './estate.ts';

/** Compares the rights of each role in template.yaml with the rights that its function, and Lambda on its behalf, use. */

const root = resolve(import.meta.dirname, '../..');
const template = join(root, 'template.yaml');
/** The demo's world, and a log group in a Region where the alias does not exist. */
const demo: World = {
  ...(parse(readFileSync(join(root, 'sandbox/worlds/demo.yaml'), 'utf8'), { merge: true }) as World),
  elsewhere: [{ region: 'us-east-1', groups: { '/there': null } }],
};
/** Every log group and the stored query results have an unusable key or none. The configured key can be used for all. */
const unusableKeys: World = {
  ...aWorld({
    policies: { all: admitting(LOG_GROUPS, QUERY_RESULTS) },
    keys: {
      logseal: { alias: 'alias/logseal', policy: 'all' },
      dying: { state: 'PendingDeletion' },
      gone: { exists: false },
      foreign: { account: '444455556666' },
    },
    groups: { '/a': 'disabled', '/b': 'dying', '/c': 'gone', '/d': 'foreign', '/e': null },
    queryResults: 'disabled',
  }),
};
/** The demo's world with a configuration that asks for tags and names keys, one of them by an alias that one Region lacks. */
const configured: World = {
  ...demo,
  parameters: {
    '/logseal/config': JSON.stringify({
      schema: 'logseal/config/1',
      exemptions: [{ id: 'e', match: { tags: { team: 'data' } }, reason: 'r', owner: 'o', expires: dayIn(30) }],
      keys: [{ match: { names: ['*'] }, key: 'alias/logseal' }],
    }),
  },
};
/** All Regions but two. */
const OTHERS = [...(PARTITIONS.find(({ name }) => name === 'aws')?.enabledByDefault ?? [])].filter(
  (region) => region !== 'eu-west-1' && region !== 'us-east-1',
);
const ROLES: Readonly<Record<string, string>> = { ScanFunction: 'ScanRole', RemediateFunction: 'RemediateRole' };

/** Ways to deploy and use the stack. Together they must use every right. */
const SCENARIOS: readonly [World, Record<string, string>][] = [
  [demo, { Mode: 'Enforce', KeyId: 'alias/logseal' }],
  [demo, { Mode: 'Enforce', KeyId: 'alias/logseal', Regions: 'eu-west-1,us-east-1' }],
  [demo, { Mode: 'Enforce', KeyId: '' }],
  [demo, { Mode: 'Enforce', KeyId: 'arn:aws:kms:eu-west-1:111122223333:alias/logseal' }],
  [demo, { Mode: 'Enforce', KeyId: 'arn:aws:kms:eu-west-1:111122223333:key/6a2a8f25-7726-438e-adfe-84cd3c58a3d2' }],
  [demo, { Mode: 'Audit', KeyId: 'alias/logseal' }],
  [demo, { Mode: 'Enforce', KeyId: '', QueryResults: 'true' }],
  [
    configured,
    { Mode: 'Enforce', KeyId: 'alias/other', Regions: 'eu-west-1,us-east-1', ConfigUri: 'ssm:/logseal/config' },
  ],
  [unusableKeys, { Mode: 'Enforce', KeyId: 'alias/logseal' }],
  [unusableKeys, { Mode: 'Enforce', KeyId: 'alias/logseal', QueryResults: 'true' }],
  // A hub in two Regions, so that it has little to scan.
  [
    { ...demo, disabledRegions: { '111122223333': OTHERS } },
    { Mode: 'Enforce', KeyId: 'alias/logseal', Regions: 'all' },
  ],
  [anEstateWorld({ '444455556666': {} }), { Mode: 'Enforce', KeyId: 'alias/logseal', ...ofHub('444455556666') }],
  [unusableKeys, { Mode: 'Audit', KeyId: 'alias/logseal', QueryResults: 'true', Regions: 'eu-west-1,us-east-1' }],
];

interface Grant {
  readonly sid: string;
  readonly action: string;
  readonly resources: readonly string[];
}
interface Use {
  readonly action: string;
  readonly resource: string;
  readonly allowed: boolean;
}

/** Rights that no scenario uses. */
const NOT_USED_HERE: readonly string[] = [
  // Lambda needs it only after an asynchronous invocation, and nothing in the template invokes this function so.
  'RemediateFunction SendDeadLetters sqs:SendMessage',
  // Only needed when the function lacks a right on the key, which this template gives it.
  'RemediateFunction ReadGrants kms:ListGrants',
  // The sandbox's SecureStrings are under the key that AWS manages for SSM, which takes no right.
  'ScanFunction DecryptConfig kms:Decrypt',
  'RemediateFunction DecryptConfig kms:Decrypt',
];

/** A day in the future, for exemptions. */
function dayIn(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

function grantsOf(parameters: Record<string, string>, roleId: string): Grant[] {
  const place = { account: '111122223333', region: 'eu-west-1', stackName: 'logseal', url: 'http://127.0.0.1:1' };
  const resources = readTemplate(template, parameters, place);
  const role = resources.find(({ id }) => id === roleId);
  const attached = resources.filter(
    ({ type, properties }) => type === 'AWS::IAM::Policy' && list(properties['Roles']).includes(role?.name),
  );
  const policies = [role?.properties['Policies'], attached.map(({ properties }) => properties)].flat() as {
    PolicyDocument: { Statement: Record<string, unknown>[] };
  }[];
  return policies.flatMap(({ PolicyDocument }) =>
    list(PolicyDocument.Statement).flatMap((statement) =>
      list(statement['Action'] as string | string[]).map((action) => ({
        sid: String(statement['Sid']),
        action,
        resources: list(statement['Resource'] as string | string[]),
      })),
    ),
  );
}

const covers = ({ action, resources }: Grant, use: Use) =>
  matchesWildcard(action, use.action) && resources.some((resource) => matchesWildcard(resource, use.resource));

/** Runs a scan with its remediation, then changes of a key and an alias, then unknown events, then a direct invocation that fails. @returns the rights used */
async function usesIn(world: World, parameters: Record<string, string>): Promise<Record<string, Use[]>> {
  const sandbox = await startSandbox({ world, stack: { template, parameters, timeScale: 0.00001 } });
  const { stack } = sandbox;
  if (!stack) throw new Error('no stack');
  await stack.fireSchedule();
  await stack.idle();
  const regions = parameters['Regions'] ?? 'eu-west-1';
  for (const region of regions === 'all' ? ['eu-west-1'] : regions.split(',')) {
    stack.deliver(aKeyChange('PutKeyPolicy', {}, { region }));
    stack.deliver(anAliasChange('UpdateAlias', 'alias/logseal', { region }));
  }
  await stack.idle();
  for (const queue of ['ScanQueue', 'RemediateQueue']) stack.send(queue, 'poison');
  await stack.idle();
  // A scan that is asked for while another one is under way reads which.
  const tableName = stack.environment('ScanFunction')['LOGSEAL_SCAN_TABLE'] ?? '';
  const table = createScanTable({ client: clients(sandbox).dynamodb, tableName, calls: createCalls() });
  const other = { target: TARGET, runId: 'other', nextToken: null, invocation: 'other' };
  await table.begin({ ...other, heldUntil: Date.now() + 1_000 }, Date.now());
  await stack.fireSchedule();
  await stack.idle();
  // A remediation that two others are before puts its events back until they are over.
  const turns = createRemediationTurns({ client: clients(sandbox).dynamodb, tableName, calls: createCalls() });
  for (const invocation of ['a', 'b']) {
    await turns.take({ target: TARGET, invocation, heldUntil: Date.now() + 500 }, Date.now());
  }
  stack.send('RemediateQueue', aFindingEvent('/app/a'));
  await stack.idle();
  // Lambda sends a failed direct invocation to the dead-letter queue.
  sandbox.setFaults([{ call: 'events:PutEvents', kind: 'deny', times: 20 }]);
  await stack.fireSchedule();
  await stack.idle();
  const uses = sandbox.rightsUsed();
  await sandbox.close();
  return uses;
}

let scenarios: { parameters: Record<string, string>; uses: Record<string, Use[]> }[];
beforeAll(async () => {
  scenarios = [];
  for (const [world, parameters] of SCENARIOS) scenarios.push({ parameters, uses: await usesIn(world, parameters) });
}, 120_000);

describe.each(Object.entries(ROLES))('the role of %s', (functionId, roleId) => {
  it('has every right that is used', () => {
    const uses = scenarios.flatMap(({ uses: each }) => each[functionId] ?? []);
    expect(uses.length).toBeGreaterThan(20);
    expect(uses.filter(({ allowed }) => !allowed)).toEqual([]);
  });

  it('has no right that is never used', () => {
    // A right may exist in some scenarios only, and for another resource in each.
    const rights = Map.groupBy(
      scenarios.flatMap(({ parameters }) => grantsOf(parameters, roleId)),
      ({ sid, action }) => `${functionId} ${sid} ${action}`,
    );
    const uses = scenarios.flatMap((scenario) => scenario.uses[functionId] ?? []);
    const unused = [...rights]
      .filter(
        ([name, grants]) =>
          !NOT_USED_HERE.includes(name) && !uses.some((use) => grants.some((grant) => covers(grant, use))),
      )
      .map(([name]) => name);
    expect(unused).toEqual([]);
  });

  it('may read its own rights, and those of no other role', () => {
    const own = grantsOf({ KeyId: '' }, roleId).filter(({ sid }) => sid === 'ReadOwnRights');
    expect(own.map(({ action }) => action)).toEqual(
      roleId === 'RemediateRole' ? ['iam:GetRole', 'iam:SimulatePrincipalPolicy'] : [],
    );
    for (const { resources } of own) expect(resources).toEqual([expect.stringMatching(/:role\/[^*]*Remediate[^*]*$/)]);
  });

  it('has a comment that explains each wildcard in a resource', () => {
    const text = readFileSync(template, 'utf8');
    const role = text.slice(text.indexOf(`\n  ${roleId}:`)).split(/\n {2}(?=\w+:\n)/)[1] ?? '';
    const statements = role.split(/(?=Sid: )/).filter((statement) => /Resource: (?:!Sub\n\s+- )?.*\*/.test(statement));
    expect(statements.length).toBeGreaterThan(1);
    expect(statements.filter((statement) => !/^Sid: \w+ # .{10}/.test(statement))).toEqual([]);
  });
});
