import { expect, test } from 'vitest';
import type { Organization } from '../../lib/app/ports.ts';
import { awsOrganization } from '../../lib/runtime.ts';
import { NO_WAITS } from '../support/host.ts';
import { refusal, serve, type TinyAnswer } from './tiny-server.ts';

const [UNIT, CHILD] = ['ou-root-11111111', 'ou-root-22222222'];

/** An organization whose service answers so. */
async function anOrganization(answer: TinyAnswer) {
  const { requests } = await serve(answer);
  return { requests, organization: awsOrganization({ region: 'eu-west-1', maxAttempts: 1, ...NO_WAITS }) };
}

/** What went wrong, as far as a caller sees it. */
async function failureOf(asking: Promise<unknown>): Promise<object> {
  return asking.then(
    () => expect.unreachable('the organization answered'),
    ({ code, call, message }) => ({ code, call, message }),
  );
}

test('All accounts are listed page after page, with those that are not active', async () => {
  const { organization, requests } = await anOrganization(({ input }) =>
    input.NextToken === undefined
      ? { Accounts: [{ Id: '111111111111', State: 'ACTIVE' }], NextToken: 'next' }
      : {
          Accounts: [
            { Id: '222222222222', State: 'SUSPENDED', Status: 'ACTIVE' },
            { Id: '333333333333', Status: 'ACTIVE' },
          ],
        },
  );

  expect(await organization.accounts([])).toEqual([
    { id: '111111111111', isActive: true },
    { id: '222222222222', isActive: false },
    { id: '333333333333', isActive: true },
  ]);
  expect(requests.map(({ operation }) => operation)).toEqual(['ListAccounts', 'ListAccounts']);
});

test('The accounts of an organizational unit are those of all units below it, each once', async () => {
  const accountsOf: Record<string, string[]> = { [UNIT]: ['111111111111'], [CHILD]: ['222222222222'] };
  const { organization } = await anOrganization(({ operation, input: { ParentId } }) =>
    operation === 'ListAccountsForParent'
      ? { Accounts: accountsOf[ParentId]?.map((Id) => ({ Id, State: 'ACTIVE' })) ?? [] }
      : { OrganizationalUnits: ParentId === UNIT ? [{ Id: CHILD }] : [] },
  );

  const accounts = await organization.accounts([UNIT, CHILD]);

  expect(accounts.map(({ id }) => id)).toEqual(['111111111111', '222222222222']);
});

const FOUND: TinyAnswer = ({ operation, input: { ChildId } }) => {
  if (operation === 'DescribeAccount') return { Account: { Id: '222222222222', State: 'ACTIVE' } };
  return {
    Parents: [
      ChildId === CHILD ? { Id: UNIT, Type: 'ORGANIZATIONAL_UNIT' } : { Id: CHILD, Type: 'ORGANIZATIONAL_UNIT' },
    ],
  };
};

test.each([
  ['of the whole organization', [], true],
  ['of a unit above its own', [UNIT], true],
  ['of its own unit', [CHILD], true],
])('An active account is a member %s', async (_what, units, isMember) => {
  const { organization } = await anOrganization(FOUND);

  expect(await organization.has('222222222222', units)).toBe(isMember);
});

test('An account below another unit is no member', async () => {
  const { organization } = await anOrganization(({ operation }) =>
    operation === 'DescribeAccount' ? { Account: { State: 'ACTIVE' } } : { Parents: [{ Id: 'r-root', Type: 'ROOT' }] },
  );

  expect(await organization.has('222222222222', [UNIT])).toBe(false);
});

test.each([
  ['that the organization does not have', refusal('AccountNotFoundException')],
  ['that is suspended', { Account: { State: 'SUSPENDED' } }],
])('An account %s is no member', async (_what, answer) => {
  const { organization } = await anOrganization(() => answer);

  expect(await organization.has('222222222222', [])).toBe(false);
});

const ask: [string, (organization: Organization) => Promise<unknown>][] = [
  ['id', (organization) => organization.id()],
  ['accounts', (organization) => organization.accounts([])],
  ['has', (organization) => organization.has('222222222222', [])],
];

test.each(ask)('%s: an account that is in no organization is told so', async (_name, asking) => {
  const { organization } = await anOrganization(() => refusal('AWSOrganizationsNotInUseException', 'none'));

  expect(await failureOf(asking(organization))).toMatchObject({ code: 'ORGANIZATION_UNREADABLE', message: 'none' });
});

test.each(ask)('%s: an account that may not read its organization is told so', async (_name, asking) => {
  const message = "You don't have permissions to access this resource.";
  const { organization } = await anOrganization(() => refusal('AccessDeniedException', message));

  expect(await failureOf(asking(organization))).toMatchObject({ code: 'ORGANIZATION_UNREADABLE', message });
});

test('A right that the caller lacks is no matter of the organization', async () => {
  const message = 'User: arn:aws:iam::111111111111:user/a is not authorized to perform: organizations:ListAccounts';
  const { organization } = await anOrganization(() => refusal('AccessDeniedException', message));

  expect(await failureOf(organization.accounts([]))).toEqual({
    code: 'ACCESS_DENIED',
    call: 'organizations:ListAccounts',
    message,
  });
});

test('A unit that does not exist is NOT_FOUND', async () => {
  const { organization } = await anOrganization(() => refusal('ParentNotFoundException', 'no such unit'));

  expect(await failureOf(organization.accounts([UNIT]))).toMatchObject({ code: 'NOT_FOUND', message: 'no such unit' });
});

test('A list that never ends is given up', async () => {
  const { organization } = await anOrganization(() => ({
    Accounts: [{ Id: '1', State: 'ACTIVE' }],
    NextToken: 'same',
  }));

  expect(await failureOf(organization.accounts([]))).toMatchObject({ code: 'UNAVAILABLE' });
});
