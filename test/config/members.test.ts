import { expect, it } from 'vitest';
import type { Environment } from '../../lib/config/environment.ts';
import { readMembers } from '../../lib/config/members.ts';

const ROLE = { LOGSEAL_MEMBER_ROLE: 'logseal-member', LOGSEAL_EXTERNAL_ID: 'a-secret-of-ours' };
const role = { name: 'logseal-member', externalId: 'a-secret-of-ours' };

function read(environment: Environment) {
  const mistakes: string[] = [];
  return { members: readMembers(environment, mistakes), mistakes };
}

it('there are none where neither accounts nor an organization are named', () => {
  expect(read({})).toEqual({ members: null, mistakes: [] });
  expect(read({ ...ROLE, LOGSEAL_EXTERNAL_ID: '', LOGSEAL_ACCOUNTS: '' })).toEqual({ members: null, mistakes: [] });
});

it('accounts are listed, each once', () => {
  expect(read({ ...ROLE, LOGSEAL_ACCOUNTS: '444455556666,777788889999,444455556666' })).toEqual({
    members: { accounts: ['444455556666', '777788889999'], organization: null, units: [], role },
    mistakes: [],
  });
});

it('the organization is limited to units where some are named', () => {
  const LOGSEAL_ORGANIZATION = 'o-a1b2c3d4e5';
  const all = { accounts: [], organization: LOGSEAL_ORGANIZATION, units: [], role };
  expect(read({ ...ROLE, LOGSEAL_ORGANIZATION }).members).toEqual(all);
  expect(
    read({ ...ROLE, LOGSEAL_ORGANIZATION, LOGSEAL_ORGANIZATIONAL_UNITS: 'ou-ab12-cd34ef56,r-ab12' }).members,
  ).toEqual({ ...all, units: ['ou-ab12-cd34ef56', 'r-ab12'] });
});

it.each<[string, Environment, RegExp[]]>([
  [
    'units of no organization',
    { LOGSEAL_ORGANIZATIONAL_UNITS: 'ou-ab12-cd34ef56' },
    [/^LOGSEAL_ORGANIZATIONAL_UNITS: /],
  ],
  [
    'accounts without a role and an external id',
    { LOGSEAL_ACCOUNTS: '444455556666' },
    [/^LOGSEAL_MEMBER_ROLE: .*got ""/, /^LOGSEAL_EXTERNAL_ID: .*got ""/],
  ],
  [
    'everything wrong',
    {
      LOGSEAL_ACCOUNTS: '4444,',
      LOGSEAL_ORGANIZATION: 'acme',
      LOGSEAL_ORGANIZATIONAL_UNITS: 'ou-1,r-ab12',
      LOGSEAL_MEMBER_ROLE: 'a role',
      LOGSEAL_EXTERNAL_ID: 'x',
    },
    [
      /^LOGSEAL_ACCOUNTS: .*got "4444"; .*got ""/,
      /^LOGSEAL_ORGANIZATION: .*got "acme"/,
      /^LOGSEAL_ORGANIZATIONAL_UNITS: .*got "ou-1"/,
      /^LOGSEAL_MEMBER_ROLE: .*got "a role"/,
      /^LOGSEAL_EXTERNAL_ID: .*got "x"/,
    ],
  ],
])('%s: every mistake is named', (_, environment, expected) => {
  expect(read(environment).mistakes).toEqual(expected.map((mistake) => expect.stringMatching(mistake)));
});
