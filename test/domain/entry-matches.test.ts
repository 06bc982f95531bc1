import { expect, it } from 'vitest';
import { entryMatches } from '../../lib/domain/entry-matches.ts';
import { daysLeft } from '../../lib/domain/exemption.ts';
import type { Match } from '../../lib/domain/match.ts';
import { aLogGroup } from '../support/builders.ts';

const exemption = (match: Match) => ({ id: 'a', reason: 'r', owner: 'o', expires: '2027-03-31', match });

it('counts what each entry matches, and what each rule decides', () => {
  const matches = entryMatches({
    exemptions: [
      exemption({ names: ['/a*', '/b'] }),
      exemption({ tags: { team: 'data' } }),
      exemption({ names: ['/x'] }),
    ],
    keys: [
      { match: { names: ['/a2'] }, key: 'alias/first' },
      { match: { names: ['/a*'] }, key: 'alias/second' },
      { match: { names: ['/a2'] }, key: 'alias/third' },
    ],
  });

  for (const name of ['/a1', '/a2', '/b', '/c']) matches.add(aLogGroup(name));

  expect(matches.counts()).toEqual([
    { stores: 3, decides: 3, names: ['/a1', '/a2', '/b'], unmatched: [] },
    null,
    { stores: 0, decides: 0, names: [], unmatched: ['/x'] },
    { stores: 1, decides: 1, names: ['/a2'], unmatched: [] },
    { stores: 2, decides: 1, names: ['/a1', '/a2'], unmatched: [] },
    { stores: 1, decides: 0, names: ['/a2'], unmatched: [] },
  ]);
});

it('does not know what a rule decides behind one that asks for tags', () => {
  const matches = entryMatches({
    exemptions: [],
    keys: [
      { match: { names: ['/a1'] }, key: 'alias/first' },
      { match: { names: ['/a*'], tags: { team: 'x' } }, key: 'alias/tagged' },
      { match: { names: ['/a1'] }, key: 'alias/second' },
      { match: { names: ['/a*'] }, key: 'alias/third' },
    ],
  });

  for (const name of ['/a1', '/a2']) matches.add(aLogGroup(name));

  expect(matches.counts()).toEqual([
    { stores: 1, decides: 1, names: ['/a1'], unmatched: [] },
    null,
    { stores: 1, decides: 0, names: ['/a1'], unmatched: [] },
    { stores: 2, decides: null, names: ['/a1', '/a2'], unmatched: [] },
  ]);
});

it('names the first five', () => {
  const matches = entryMatches({ exemptions: [exemption({ names: ['*'] })], keys: [] });

  for (let n = 0; n < 7; n++) matches.add(aLogGroup(`/${n}`));

  expect(matches.counts()).toEqual([{ stores: 7, decides: 7, names: ['/0', '/1', '/2', '/3', '/4'], unmatched: [] }]);
});

it('names the globs that match nothing beside others that do', () => {
  const matches = entryMatches({ exemptions: [exemption({ names: ['/a*', '/typo', '/b'] })], keys: [] });

  for (const name of ['/a1', '/b']) matches.add(aLogGroup(name));

  expect(matches.counts()).toMatchObject([{ stores: 2, unmatched: ['/typo'] }]);
});

it.each([
  ['2026-11-28T00:00:00Z', 0],
  ['2026-11-28T23:59:59Z', 0],
  ['2026-11-27T23:59:59Z', 1],
  ['2026-11-29T00:00:00Z', -1],
  ['2024-11-28T12:00:00Z', 730],
])('at %s an exemption until 2026-11-28 has %i days left', (now, days) => {
  expect(daysLeft('2026-11-28', new Date(now))).toBe(days);
});
