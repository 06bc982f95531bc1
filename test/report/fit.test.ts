import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partsOfText } from '../../lib/report/commands.ts';
import { fitted } from '../../lib/report/fit.ts';
import { RED } from './builders.ts';

describe('a text that fits a terminal', () => {
  it('stays as it is', () => {
    expect(fitted('  short\n\nlines\n', 10)).toBe('  short\n\nlines\n');
  });

  it('is broken between words, and what follows is indented further', () => {
    expect(fitted('  fix: use a key with KeySpec SYMMETRIC_DEFAULT\n', 24)).toBe(
      '  fix: use a key with\n    KeySpec\n    SYMMETRIC_DEFAULT\n',
    );
  });

  it('takes no room for colours, and does not break an ARN', () => {
    expect(fitted(`${RED}12345\x1b[39m 7890`, 10)).toBe(`${RED}12345\x1b[39m 7890`);
    expect(fitted('the key arn:aws:kms:eu-west-1:111122223333:key/1 is disabled', 20)).toBe(
      'the key\n  arn:aws:kms:eu-west-1:111122223333:key/1\n  is disabled',
    );
  });

  it('has commands on lines of their own that can be pasted, with a backslash where they go on', () => {
    const text = '  fix: aws kms enable-key --key-id KEY-ID --region eu-west-1, then scan again';

    expect(fitted(text, 40)).toBe(
      ['  fix:', '    aws kms enable-key --key-id KEY-ID \\', '      --region eu-west-1', '    then scan again'].join(
        '\n',
      ),
    );
  });

  it.each([
    '--- arn:aws:kms:eu-west-1:111122223333:key/1 now',
    '@@ -27,7 +27,26 @@ and more than there is room for',
    '+          "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs"',
    `${RED}-          "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs"`,
    '      "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs"',
  ])('keeps a line of a difference or of JSON: %s', (line) => {
    expect(fitted(line, 20)).toBe(line);
  });

  it('is not broken a second time', () => {
    const text =
      'add it: logseal key repair --key arn:aws:kms:eu-west-1:111122223333:key/12345 --region eu-west-1; or wait';

    for (const width of [20, 40, 60]) expect(fitted(fitted(text, width), width)).toBe(fitted(text, width));
  });

  it('keeps every word, in any width', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 200 }), (text, width) => {
        const words = (some: string) => some.split(/\s+/).filter(Boolean).join(' ');
        expect(words(fitted(text, width))).toBe(words(text));
      }),
    );
  });
});

describe('commands in a text', () => {
  it.each([
    ['aws kms enable-key --key-id a --region b, then enable it', ['aws kms enable-key --key-id a --region b']],
    ['run logseal undo --run 1 --journal=x.', ['logseal undo --run 1 --journal=x']],
    ['npm run -s logseal -- undo --run 1: once', ['npm run -s logseal -- undo --run 1']],
    ['npx ./logseal-0.1.0.tgz undo --run 1', ['npx ./logseal-0.1.0.tgz undo --run 1']],
    ["npx './my dir/x.tgz' undo --run 1", ["npx './my dir/x.tgz' undo --run 1"]],
    ["logseal key repair --key k --log-group '/a/*': once", ["logseal key repair --key k --log-group '/a/*'"]],
    ['(logseal key check --key k --readers-and-writers)', ['logseal key check --key k --readers-and-writers']],
    [
      'aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=X; if so',
      ['aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=X'],
    ],
    ['aliyun kms CancelKeyDeletion --KeyId k, then enable it', ['aliyun kms CancelKeyDeletion --KeyId k']],
    ['what logseal plan shows, and aws sts get-caller-identity', []],
  ])('%s', (text, commands) => {
    const parts = partsOfText(text);

    expect(parts.filter(({ type }) => type === 'COMMAND').map((part) => part.text)).toEqual(commands);
    expect(parts.map((part) => part.text).join('')).toBe(text);
  });
});
