import { describe, expect, it } from 'vitest';
import { globWarning, nameGlobWarning } from '../../lib/config/glob-warning.ts';
import { QUERY_RESULTS_NAME } from '../../lib/domain/stores/query-results.ts';

describe('a glob', () => {
  it.each([
    ['^/app/.*$', 'was "/app/*" meant?'],
    ['/app/.*', 'was "/app/*" meant?'],
    ['.*', 'was "*" meant?'],
    ['-.*', 'was "-*" meant?'],
    ['/app/[a-z]', 'write each name'],
    ['(a|b)', 'write each name'],
    ['/app/\\d', 'write each name'],
    ['/a{2}', 'write each name'],
  ])('like %s reads like a regular expression', (glob, hint) => {
    expect(globWarning(glob)).toContain(`${JSON.stringify(glob)} is a glob, but reads like a regular expression: `);
    expect(globWarning(glob)).toContain(hint);
  });

  it.each(['/app/*', '*', '/a?b', '/v1.*', 'example.com.*', '.hidden', '/a#b', QUERY_RESULTS_NAME, 'project/store'])(
    'like %s does not',
    (glob) => {
      expect(globWarning(glob)).toBeUndefined();
    },
  );
});

describe('a glob for names', () => {
  it.each([
    ['arn:aws:logs:eu-west-1:111122223333:log-group:/app/web', 'the name in this ARN is /app/web'],
    [' /app/web', 'the name of a log store has letters, digits and _ - / . # only'],
    ['!/app/*', '"!/app/*" can match nothing'],
    ['/app/a, /app/b', 'can match nothing'],
    ['^/app/.*$', 'reads like a regular expression'],
  ])('like %j is warned of', (glob, warning) => {
    expect(nameGlobWarning(glob)).toContain(warning);
  });

  it.each(['/app/*', '*', '/a?b#1.c-d_e', QUERY_RESULTS_NAME, 'query-result*', 'project/store'])(
    'like %j is not',
    (glob) => {
      expect(nameGlobWarning(glob)).toBeUndefined();
    },
  );
});
