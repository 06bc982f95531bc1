import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { keyMistake } from '../../lib/domain/providers/aws.ts';

const template = readFileSync(resolve(import.meta.dirname, '../../template.yaml'), 'utf8');
const [, pattern = ''] = /^ {2}KeyId:$[\s\S]*?AllowedPattern: (.*)$/m.exec(template) ?? [];
const arn = (resource: string) => `arn:aws:kms:eu-west-1:111122223333:${resource}`;

it.each([
  ['alias/logs', true],
  ['alias/aws', true],
  [arn('alias/logs'), true],
  [arn('key/1234abcd-12ab-34cd-56ef-1234567890ab'), true],
  ['alias/aws/ssm', false],
  [arn('alias/aws/ssm'), false],
  ['1234abcd-12ab-34cd-56ef-1234567890ab', false],
  ['logs', false],
])('the template takes the KeyId %s as the functions do: %s', (key, isTaken) => {
  expect(new RegExp(pattern).test(key)).toBe(isTaken);
  expect(keyMistake(key) === undefined).toBe(isTaken);
});

it('the template takes no KeyId, and then creates a key', () => {
  expect(new RegExp(pattern).test('')).toBe(true);
});
