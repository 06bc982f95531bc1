import { describe, expect, it } from 'vitest';
import { selectionOf } from '../../lib/domain/selection.ts';
import { QUERY_RESULTS_NAME } from '../../lib/domain/stores/query-results.ts';

describe('a selection', () => {
  it.each<[string[], string[], string[]]>([
    [[], [], ['/app/a', '/app/b/c', '/ops', QUERY_RESULTS_NAME]],
    [['/app/*'], [], ['/app/a', '/app/b/c']],
    [['/app/?', '/ops'], [], ['/app/a', '/ops']],
    [['/app'], [], []],
    [[], ['*/b/*', '/ops'], ['/app/a', QUERY_RESULTS_NAME]],
    [['/app/*'], ['/app/a'], ['/app/b/c']],
    [['*'], ['*'], []],
    [[QUERY_RESULTS_NAME], [], [QUERY_RESULTS_NAME]],
  ])('that includes %j and excludes %j chooses %j', (include, exclude, chosen) => {
    const selection = selectionOf(include, exclude);
    const names = ['/app/a', '/app/b/c', '/ops', QUERY_RESULTS_NAME];

    expect(names.filter(selection.chooses)).toEqual(chosen);
  });

  it('knows which globs matched nothing; what another glob leaves out was matched', () => {
    const selection = selectionOf(['/app/*', '/nope', '/ops'], ['/ops', '/other', '/typo']);
    expect(selection.unmatched()).toEqual({
      include: ['/app/*', '/nope', '/ops'],
      exclude: ['/ops', '/other', '/typo'],
    });

    for (const name of ['/app/a', '/ops', '/other']) selection.chooses(name);

    expect(selection.unmatched()).toEqual({ include: ['/nope'], exclude: ['/typo'] });
  });
});
