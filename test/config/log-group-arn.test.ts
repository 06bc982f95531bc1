import { describe, expect, it } from 'vitest';
import { logGroupArnMistake } from '../../lib/config/log-group-arn.ts';

const KEY_ARN = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

describe('the ARN of a log group', () => {
  const arnOf = (name: string) => `arn:aws:logs:eu-west-1:111122223333:log-group:${name}`;

  it.each(['/app/a', '/app/a:*', 'a#1', 'a_b-c.d', 'x'.repeat(512)])('can name %s', (name) => {
    expect(logGroupArnMistake(arnOf(name))).toBeUndefined();
  });

  it.each(['', ':*', 'a b', 'a:b', 'a:log-stream:b', '*', 'x'.repeat(513)])('cannot name %j', (name) => {
    expect(logGroupArnMistake(arnOf(name))).toMatch(/^expected a log group ARN such as /);
  });

  it.each([KEY_ARN, '/app/a', 'arn:aws:logs:eu-west-1:1:log-group:/a', 'arn:aws:logs::111122223333:log-group:/a'])(
    'cannot be %s',
    (text) => {
      expect(logGroupArnMistake(text)).toContain(`got ${JSON.stringify(text)}`);
    },
  );
});
