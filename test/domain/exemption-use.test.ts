import { expect, test } from 'vitest';
import { addMatches, countMatches, exemptionUses, type Listed } from '../../lib/domain/exemption-use.ts';
import type { Match } from '../../lib/domain/match.ts';
import { ACCOUNT, NOW, OTHER_ACCOUNT, REGION, TARGET } from '../support/builders.ts';
import { anExemption } from '../support/configuration.ts';

const WHOLE: Listed = { targets: [TARGET], queryResults: false };
const noticesOf = (match: Match, listed = WHOLE, stores = 0) =>
  exemptionUses({ exemptions: [anExemption({ match })] }, [stores], listed, NOW)[0]?.notices;

test('each exemption is listed with how many log stores match it, and what to know of it', () => {
  const exemptions = [
    anExemption({ id: 'used' }),
    anExemption({ id: 'ends', expires: '2026-11-30' }),
    anExemption({ id: 'over', expires: '2026-11-20' }),
  ];

  expect(exemptionUses({ exemptions }, [2, 1], WHOLE, NOW)).toMatchObject([
    { id: 'used', stores: 2, notices: [], reason: 'no secrets', owner: 'team-a', expires: '2026-12-31' },
    { id: 'ends', stores: 1, notices: ['ENDS_SOON'] },
    { id: 'over', stores: 0, notices: ['EXPIRED', 'UNMATCHED'] },
  ]);
});

test.each<[string, Match, Listed, number]>([
  ['it matches a log store', { names: ['*'] }, WHOLE, 1],
  ['not all log stores were listed', { names: ['*'] }, { ...WHOLE, targets: null }, 0],
  ['its Regions were not listed', { names: ['*'], regions: ['us-east-1'] }, WHOLE, 0],
  ['its accounts were not listed', { names: ['*'], accounts: [OTHER_ACCOUNT] }, WHOLE, 0],
  ['query results were not included', { names: ['*'], types: ['query-results'] }, WHOLE, 0],
])('an exemption is not called unmatched where %s', (_, match, listed, stores) => {
  expect(noticesOf(match, listed, stores)).toEqual([]);
});

test.each<[string, Match, Listed]>([
  ['its Region and account', { names: ['*'], regions: [REGION, 'us-east-1'], accounts: [ACCOUNT] }, WHOLE],
  ['its types', { names: ['*'], types: ['query-results', 'log-group'] }, WHOLE],
  ['query results', { names: ['*'], types: ['query-results'] }, { ...WHOLE, queryResults: true }],
])('an exemption that matches nothing is unmatched where %s were listed', (_, match, listed) => {
  expect(noticesOf(match, listed)).toEqual(['UNMATCHED']);
});

test('matches are counted for each log store, and added up over pages and targets', () => {
  const configuration = { exemptions: [anExemption(), anExemption(), anExemption()] };
  const page = countMatches(configuration, [{ exemptions: [0, 2] }, { exemptions: [2] }, { exemptions: [] }]);

  expect(page).toEqual([1, 0, 2]);
  expect(addMatches(addMatches([], page), page)).toEqual([2, 0, 4]);
});
