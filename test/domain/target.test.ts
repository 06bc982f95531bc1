import { expect, it } from 'vitest';
import { byTarget, targetKey, targetOf } from '../../lib/domain/target.ts';
import { ACCOUNT, aLogGroup, OTHER_ACCOUNT, REGION, TARGET } from '../support/builders.ts';

it('tells accounts, Regions and providers apart', () => {
  const others = [
    { ...TARGET, account: OTHER_ACCOUNT },
    { ...TARGET, region: 'us-east-1' },
    { ...TARGET, provider: 'alibaba' as const },
  ];

  expect(new Set([TARGET, ...others].map(targetKey)).size).toBe(4);
  expect(targetKey({ ...TARGET })).toBe(targetKey(TARGET));
});

it('is the three fields of a log store, and nothing else of it', () => {
  expect(targetOf(aLogGroup())).toEqual({ provider: 'aws', account: ACCOUNT, region: REGION });
});

it('groups log stores by target, in the order in which the targets first appear', () => {
  const there = { account: OTHER_ACCOUNT };
  const stores = [aLogGroup('/a', there), aLogGroup('/b'), aLogGroup('/c', there)];

  expect(byTarget(stores, (store) => store)).toEqual([
    [{ ...TARGET, ...there }, [stores[0], stores[2]]],
    [TARGET, [stores[1]]],
  ]);
});
