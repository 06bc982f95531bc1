import { describe, expect, test } from 'vitest';
import { type Configuration, type KeyRule, NO_CONFIGURATION, prepare } from '../../lib/domain/configuration.ts';
import type { Match } from '../../lib/domain/match.ts';
import { ACCOUNT, aLogGroup, OTHER_ACCOUNT, REGION } from '../support/builders.ts';

const NO_TAGS = new Map<string, string>();
const anExemption = (match: Match, id = 'x') => ({ id, match, reason: 'r', owner: 'o', expires: '2027-03-31' });
const aRule = (match: Match): KeyRule => ({ match, key: 'alias/payments' });
const only = (match: Match): Configuration => ({ exemptions: [anExemption(match)], keys: [] });
const isMatched = (match: Match, name = '/vendor/a', tags = NO_TAGS) =>
  prepare(only(match)).matched(aLogGroup(name), tags).exemptions.length > 0;

describe('an entry matches', () => {
  test('where one of its names does', () => {
    expect(isMatched({ names: ['/other', '/vendor/*'] })).toBe(true);
    expect(isMatched({ names: ['/other', 'vendor'] })).toBe(false);
  });

  test('where all parts that are given hold', () => {
    const names = ['/vendor/*'];
    expect(isMatched({ names, accounts: [OTHER_ACCOUNT, ACCOUNT], regions: [REGION], types: ['log-group'] })).toBe(
      true,
    );
    expect(isMatched({ names, accounts: [OTHER_ACCOUNT] })).toBe(false);
    expect(isMatched({ names, regions: ['us-east-1'] })).toBe(false);
    expect(isMatched({ names, types: ['query-results'] })).toBe(false);
    expect(isMatched({ names, tags: { team: 'data' } })).toBe(false);
  });

  test('where the log store has all its tags, whose values are globs', () => {
    const tags = new Map([
      ['team', 'data-eu'],
      ['stage', 'test'],
    ]);
    expect(isMatched({ tags: { team: 'data-*' } }, '/a', tags)).toBe(true);
    expect(isMatched({ tags: { team: 'data-*', stage: '*' } }, '/a', tags)).toBe(true);
    expect(isMatched({ tags: { team: 'data' } }, '/a', tags)).toBe(false);
    expect(isMatched({ tags: { team: '*', owner: '*' } }, '/a', tags)).toBe(false);
    expect(isMatched({ tags: { Team: 'data-eu' } }, '/a', tags)).toBe(false);
  });
});

describe('of several entries', () => {
  const configuration = prepare({
    exemptions: [anExemption({ names: ['/b*'] }, 'b'), anExemption({ names: ['*'] }, 'all')],
    keys: [aRule({ names: ['/a'] }), aRule({ tags: { team: 'x' } }), aRule({ names: ['*'] })],
  });

  test('each exemption that matches is named, and the first key rule', () => {
    expect(configuration.matched(aLogGroup('/b1'), NO_TAGS)).toEqual({
      exemptions: [0, 1],
      keyRule: 2,
      unknown: null,
    });
    expect(configuration.matched(aLogGroup('/a'), NO_TAGS)).toMatchObject({ exemptions: [1], keyRule: 0 });
    expect(configuration.matched(aLogGroup('/c'), new Map([['team', 'x']]))).toMatchObject({ keyRule: 1 });
  });

  test('those that ask for tags make the others uncertain while tags are not known', () => {
    expect(configuration.matched(aLogGroup('/b1'), null)).toEqual({ exemptions: [0, 1], keyRule: 2, unknown: 'TAGS' });
    expect(configuration.tagKeys).toEqual(['team']);
  });

  test('those whose other parts do not hold leave it certain', () => {
    const { matched } = prepare(only({ names: ['/vendor/*'], tags: { team: 'x' } }));
    expect(matched(aLogGroup('/app'), null)).toEqual({ exemptions: [], keyRule: null, unknown: null });
    expect(matched(aLogGroup('/vendor/a'), null)).toEqual({ exemptions: [], keyRule: null, unknown: 'TAGS' });
  });
});

test('an account that is not known makes what asks for it uncertain', () => {
  const { matched } = prepare(only({ names: ['*'], accounts: [ACCOUNT] }));

  expect(matched(aLogGroup('/a', { account: '' }), NO_TAGS)).toEqual({
    exemptions: [],
    keyRule: null,
    unknown: 'ACCOUNT',
  });
});

test('what is not known of a rule behind the one that decides changes nothing', () => {
  const { matched } = prepare({ exemptions: [], keys: [aRule({ names: ['/a'] }), aRule({ tags: { team: 'x' } })] });

  expect(matched(aLogGroup('/a'), null)).toEqual({ exemptions: [], keyRule: 0, unknown: null });
  expect(matched(aLogGroup('/b'), null)).toEqual({ exemptions: [], keyRule: null, unknown: 'TAGS' });
});

test('without a file nothing matches, and no tags are needed', () => {
  expect(NO_CONFIGURATION.matched(aLogGroup(), NO_TAGS)).toEqual({ exemptions: [], keyRule: null, unknown: null });
  expect(NO_CONFIGURATION.tagKeys).toEqual([]);
});
