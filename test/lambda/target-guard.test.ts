import { describe, expect, test } from 'vitest';
import { reasonToIgnore } from '../../lib/lambda/target-guard.ts';
import { ACCOUNT, OTHER_ACCOUNT, REGION } from '../support/builders.ts';
import { CONFIG, fakeClouds, HOME, ONLY_IDENTITY } from './support.ts';

const STRANGER = '777788889999';
const MEMBERS = {
  ...{ accounts: [OTHER_ACCOUNT], organization: null, units: [] },
  role: { name: 'logseal-member', externalId: 'secret' },
};

function aGuard(config: Partial<Parameters<typeof reasonToIgnore>[1]['config']> = {}) {
  const clouds = fakeClouds({ [REGION]: {} });
  const asked: string[] = [];
  const reach = {
    config: { ...CONFIG, members: MEMBERS, ...config },
    cloudOf: clouds.cloudOf,
    isMember: async (account: string) => asked.push(account) > 0 && account === OTHER_ACCOUNT,
  };
  const check = (target: Partial<typeof HOME> | object = {}, sender?: string) =>
    reasonToIgnore({ target: { ...HOME, ...target }, ...(sender !== undefined && { sender }) }, reach);
  return { check, asked, clouds };
}

describe('an event', () => {
  test('about the own account is accepted, and nobody is asked whether it is a member', async () => {
    const { check, asked } = aGuard();
    expect([await check(), await check({}, ACCOUNT)]).toEqual([undefined, undefined]);
    expect(asked).toEqual([]);
  });

  test('about a member is accepted if AWS or logseal sent it', async () => {
    const { check } = aGuard();
    const target = { account: OTHER_ACCOUNT };
    expect([await check(target), await check(target, ACCOUNT)]).toEqual([undefined, undefined]);
  });

  test.each([
    ['itself', { account: OTHER_ACCOUNT }],
    ['the own account', {}],
  ])('of logseal that a member sent about %s is ignored, and nothing more is called', async (_, target) => {
    const { check, asked, clouds } = aGuard();
    expect(await check(target, OTHER_ACCOUNT)).toBe(
      `it was sent by account ${OTHER_ACCOUNT}, and only events of account ${ACCOUNT} count`,
    );
    expect(asked).toEqual([]);
    expect(clouds.calls()).toEqual(ONLY_IDENTITY);
  });

  test('about an account that is no member is ignored, whoever sent it', async () => {
    const { check } = aGuard();
    const because = `it is about account ${STRANGER}, not about ${ACCOUNT} or a configured member`;
    expect([await check({ account: STRANGER }), await check({ account: STRANGER }, ACCOUNT)]).toEqual([
      because,
      because,
    ]);
  });

  test.each([
    ['eu-central-1', undefined],
    ['ap-southeast-7', undefined],
    ['cn-north-1', 'cn-north-1 is no Region of this partition'],
    ['us-gov-west-1', 'us-gov-west-1 is no Region of this partition'],
    ['*', '* is no Region of this partition'],
  ])('with all Regions configured, %s is checked by its form and partition', async (region, because) => {
    expect(await aGuard({ regions: null }).check({ region })).toBe(because);
  });
});
