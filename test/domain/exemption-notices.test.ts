import { expect, it } from 'vitest';
import { addKnown, matchesOf, noticedExemptions } from '../../lib/domain/exemption-notices.ts';
import { NOW, TARGET } from '../support/builders.ts';
import { anExemption } from '../support/configuration.ts';

const day = (days: number) => new Date(NOW.getTime() + days * 86_400_000).toISOString().slice(0, 10);
const LISTED = { targets: [TARGET], queryResults: false };

it('only exemptions with a notice are told of, with the number of log stores where it is known', () => {
  const exemptions = [
    anExemption({ id: 'fine', expires: day(100) }),
    anExemption({ id: 'past', expires: day(-1) }),
    anExemption({ id: 'soon', expires: day(2) }),
    anExemption({ id: 'idle', expires: day(100) }),
    anExemption({ id: 'elsewhere', expires: day(100), match: { names: ['*'], regions: ['us-east-1'] } }),
    anExemption({ id: 'new', expires: day(100) }),
  ];
  const matches = new Map([
    ['fine', 1],
    ['past', 2],
    ['idle', 0],
    ['elsewhere', 0],
  ]);

  const noticed = noticedExemptions({ exemptions }, matches, LISTED, NOW);

  expect(noticed.map(({ id, stores, notices }) => [id, stores, notices])).toEqual([
    ['past', 2, ['EXPIRED']],
    ['soon', null, ['ENDS_SOON']],
    ['idle', 0, ['UNMATCHED']],
  ]);
  expect(noticed[0]).toEqual({
    ...{ id: 'past', reason: 'no secrets', owner: 'team-a', expires: day(-1) },
    ...{ stores: 2, notices: ['EXPIRED'] },
  });
});

it('what is not known of one part is not known of both together', () => {
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

it('without tags it is not known what an exemption matches that asks for them', () => {
  const exemptions = [anExemption({ id: 'a' }), anExemption({ id: 'b', match: { tags: { team: '*' } } })];

  expect(matchesOf(exemptions, [2, 1], true)).toEqual(
    new Map([
      ['a', 2],
      ['b', 1],
    ]),
  );
  expect(matchesOf(exemptions, [2, 1], false)).toEqual(new Map([['a', 2]]));
  expect(matchesOf(exemptions, [], true)).toEqual(
    new Map([
      ['a', 0],
      ['b', 0],
    ]),
  );
});
