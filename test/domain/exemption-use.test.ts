import { expect, test } from 'vitest';
import { addKnown, matchCounter } from '../../lib/domain/exemption-matches.ts';
import { exemptionUses, type Listed } from '../../lib/domain/exemption-use.ts';
import type { Match } from '../../lib/domain/match.ts';
import { ACCOUNT, NOW, OTHER_ACCOUNT, REGION, TARGET } from '../support/builders.ts';
import { anExemption } from '../support/configuration.ts';

const WHOLE: Listed = { targets: [TARGET], queryResults: false };
const noticesOf = (match: Match, listed = WHOLE, stores = 0) =>
  exemptionUses({ exemptions: [anExemption({ match })] }, new Map([['e-1', stores]]), listed, NOW)[0]?.notices;

test('each exemption is listed with how many log stores match it, and what to know of it', () => {
  const exemptions = [
    anExemption({ id: 'used' }),
    anExemption({ id: 'ends', expires: '2026-11-30' }),
    anExemption({ id: 'over', expires: '2026-11-20' }),
    anExemption({ id: 'tagged' }),
  ];
  const matches = new Map([
    ['used', 2],
    ['ends', 1],
    ['over', 0],
  ]);

  expect(exemptionUses({ exemptions }, matches, WHOLE, NOW)).toMatchObject([
    { id: 'used', stores: 2, notices: [], reason: 'no secrets', owner: 'team-a', expires: '2026-12-31' },
    { id: 'ends', stores: 1, notices: ['ENDS_SOON'] },
    { id: 'over', stores: 0, notices: ['EXPIRED', 'UNMATCHED'] },
    { id: 'tagged', stores: null, notices: [] },
  ]);
});

test.each<[string, Match, Listed, number]>([
  ['it matches a log store', { names: ['*'] }, WHOLE, 1],
  ['not all log stores were listed', { names: ['*'] }, { ...WHOLE, targets: null }, 0],
  ['its Regions were not listed', { names: ['*'], regions: ['us-east-1'] }, WHOLE, 0],
  ['one of its Regions was not listed', { names: ['*'], regions: [REGION, 'us-east-1'] }, WHOLE, 0],
  ['its type is of another provider', { names: ['*'], types: ['logstore'] }, WHOLE, 0],
  ['its accounts were not listed', { names: ['*'], accounts: [OTHER_ACCOUNT] }, WHOLE, 0],
  ['query results were not included', { names: ['*'], types: ['query-results'] }, WHOLE, 0],
])('an exemption is not called unmatched where %s', (_, match, listed, stores) => {
  expect(noticesOf(match, listed, stores)).toEqual([]);
});

test.each<[string, Match, Listed]>([
  ['its Region and account', { names: ['*'], regions: [REGION], accounts: [ACCOUNT] }, WHOLE],
  ['its types', { names: ['*'], types: ['query-results', 'log-group'] }, WHOLE],
  ['query results', { names: ['*'], types: ['query-results'] }, { ...WHOLE, queryResults: true }],
])('an exemption that matches nothing is unmatched where %s were listed', (_, match, listed) => {
  expect(noticesOf(match, listed)).toEqual(['UNMATCHED']);
});

test('matches are counted for each log store, and added up over pages and targets, as far as they are known', () => {
  const exemptions = [anExemption({ id: 'a' }), anExemption({ id: 'b', match: { tags: { team: 'x' } } })];
  const counter = matchCounter({ exemptions });
  for (const matching of [[0, 1], [0], []]) counter.add([{ exemptions: matching, keyRule: null, unknown: null }]);

  expect(Object.fromEntries(counter.counts(true))).toEqual({ a: 2, b: 1 });
  expect(Object.fromEntries(counter.counts(false))).toEqual({ a: 2 });
  expect(Object.fromEntries(addKnown(counter.counts(true), counter.counts(false)))).toEqual({ a: 4 });
});

test('what is not known of one part is not known of both together', () => {
  const one = new Map([
    ['a', 1],
    ['b', 0],
    ['constructor', 2],
  ]);
  const other = new Map([
    ['b', 3],
    ['constructor', 1],
    ['c', 1],
  ]);

  expect(addKnown(one, other)).toEqual(
    new Map([
      ['b', 3],
      ['constructor', 3],
    ]),
  );
  expect(addKnown(one, new Map())).toEqual(new Map());
});
