import { knownParts, replaceUnknowns, textOf, type UnknownValue } from '../../domain/template/unknown.ts';

/**
 * CloudFormation's schema of AWS::Logs::LogGroup takes the ARN of a key, or of an alias. The id of a key has no slash, and the name of an
 * alias begins with `alias/` once.
 */
const KEY_ARN = /^arn:[a-z0-9-]+:kms:[a-z0-9-]+:\d{12}:(key\/[^/:]+|alias\/(?!alias\/)[^:]+)$/;

/** What can be any part of an ARN that has no separator in it: a Region, an account, an id. */
export const ONE_PART = '111122223333';
export const A_KEY = `arn:aws:kms:${ONE_PART}:${ONE_PART}:key/${ONE_PART}`;
export const AN_ALIAS_NAME = 'alias/a';
export const ANOTHER_ARN = 'arn:aws:s3:::a';
const ARNS = [A_KEY, `arn:aws:kms:${ONE_PART}:${ONE_PART}:${AN_ALIAS_NAME}`];
const BEGINS = ARNS.flatMap((arn) => Array.from({ length: arn.length + 1 }, (_, length) => arn.slice(0, length)));
const ENDS = ARNS.flatMap((arn) => Array.from({ length: arn.length + 1 }, (_, from) => arn.slice(from)));

/**
 * Whether a text may be the ARN of a key or of an alias, whatever its unknown values are.
 * @param exampleOf a text that has the separators which a value has; null: the value may be anything
 */
export function mayBeKeyArn(text: string, exampleOf: (value: UnknownValue) => string | null): boolean {
  const parts = knownParts(replaceUnknowns(text, (value) => exampleOf(value) ?? textOf(value)));
  const [begin = '', end = ''] = [parts[0], parts.at(-1)];
  if (parts.length === 1) return KEY_ARN.test(begin);
  return ENDS.some((rest) => KEY_ARN.test(begin + rest)) && BEGINS.some((first) => KEY_ARN.test(first + end));
}
