import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { parseDocument, scanSchema } from '../support/documents.ts';
import { aDesk, aWorld } from '../support/logseal.ts';
import { readPage } from './pages.ts';

const [OWN, ...MEMBERS] = ['111122223333', '444455556666', '777788889999'];
const ACCOUNTS = [OWN, ...MEMBERS].map((account) => `--account ${account}`).join(' ');
const SCAN = `scan ${ACCOUNTS} --all-regions --role-name logseal-member --external-id EXTERNAL_ID --format json`;

/** JSON of a page, by the comment before it. */
function jsonOf(page: string, comment: string): Record<string, unknown> {
  const block = readPage(page).blocks.find((each) => each.comment === comment);
  return JSON.parse(block?.text ?? '{}');
}

/** The accounts of docs/estate.md: each has its role, and whoever runs logseal has the role `security`. */
function accounts(more: World = {}): World {
  const scan = jsonOf('README.md', 'policy: scan');
  const ofCaller = jsonOf('docs/estate.md', 'policy: estate caller');
  const listsRegions = {
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: 'account:ListRegions', Resource: '*' },
  };
  const trust = jsonOf('docs/estate.md', 'trust: estate role');
  const member = (account: string) =>
    ({ account, name: 'logseal-member', policies: [scan, listsRegions], trust }) as const;
  return aWorld({
    organization: 'o-a1b2c3d4e5',
    groups: { '/own': null },
    roles: {
      security: { policies: [scan, ofCaller] },
      other: { policies: [scan, ofCaller] },
      ...Object.fromEntries(MEMBERS.map((account) => [`of-${account}`, member(account)])),
    },
    elsewhere: MEMBERS.map((account) => ({ account, groups: { [`/of-${account}`]: null } })),
    ...more,
  });
}

/** How a scan as a role ends, and which accounts it could not enter. */
async function scanAs(role: string, world: World) {
  const { run } = await aDesk(world);
  const { status, stdout } = await run(SCAN, { env: { AWS_ACCESS_KEY_ID: role } });
  const { findings, targets } = parseDocument(scanSchema, stdout);
  const refused = targets.filter(({ error }) => error?.code === 'ROLE_REFUSED').map(({ account }) => account);
  return { status, found: findings.map(({ name }) => name).sort(), refused: refused.sort() };
}

describe('the policies of docs/estate.md', () => {
  it('are enough to scan all accounts in all Regions', async () => {
    const found = ['/own', ...MEMBERS.map((account) => `/of-${account}`)].sort();

    expect(await scanAs('security', accounts())).toEqual({ status: 3, found, refused: [] });
  });

  it('admit nobody else of the same account', async () => {
    expect(await scanAs('other', accounts())).toEqual({ status: 1, found: ['/own'], refused: MEMBERS });
  });

  it('admit nobody from outside the organization', async () => {
    const left = accounts({ organization: 'o-zzzzzzzzzz' });

    expect(await scanAs('security', left)).toEqual({ status: 1, found: ['/own'], refused: MEMBERS });
  });
});
