import { expect, it } from 'vitest';
import { byPlace, inPlanOrder } from '../../lib/domain/order.ts';
import { aLogGroup, aStep, OTHER_ACCOUNT } from '../support/builders.ts';

it('log stores are in the order of their account, Region and name', () => {
  const ordered = [
    aLogGroup('/Z'),
    aLogGroup('/a'),
    aLogGroup('/b'),
    aLogGroup('/a', { region: 'us-east-1' }),
    aLogGroup('/a', { account: OTHER_ACCOUNT, region: 'ap-south-1' }),
  ];

  expect(ordered.toReversed().sort(byPlace)).toEqual(ordered);
  expect(byPlace(aLogGroup(), aLogGroup())).toBe(0);
});

it('steps are ordered by severity before that, and those without one come last', () => {
  const ordered = [
    aStep({ name: '/z', severity: 'CRITICAL' }),
    aStep({ name: '/b', severity: 'HIGH' }),
    aStep({ name: '/c', severity: 'HIGH' }),
    aStep({ name: '/y', severity: 'MEDIUM' }),
    aStep({ name: '/x', severity: 'LOW' }),
    aStep({ name: '/a', severity: null }),
    aStep({ name: '/b' }),
  ];

  expect(ordered.toReversed().sort(inPlanOrder)).toEqual(ordered);
});
