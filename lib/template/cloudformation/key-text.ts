import { partitionOfRegion } from '../../domain/partition.ts';
import { inLogGroup } from '../../domain/template/in-log-group.ts';
import type { KeyReference } from '../../domain/template/model.ts';
import { shownText } from '../../domain/template/unknown.ts';
import type { Stack } from './stack.ts';

/**
 * What is wrong with a text in the place of a key's ARN, whatever key it means; undefined: nothing.
 * @param known what of the text is known
 */
export function wrongText(text: string, known: string, { place }: Stack): KeyReference | undefined {
  const shown = shownText(text);
  if (known.includes('${')) {
    const what = `the text ${shown}, in which nothing replaces \${…}`;
    return {
      kind: 'NOT_AN_ARN',
      what,
      key: null,
      instead: inLogGroup('KmsKeyId with Fn::Sub (in YAML !Sub) before the text'),
    };
  }
  const own = place.region === null ? undefined : partitionOfRegion(place.region)?.name;
  const [, named] = /^arn:(aws[a-z-]*):/.exec(text) ?? [];
  if (own === undefined || named === undefined || named === own) return undefined;
  const what = `${shown}, whose partition is not ${own}`;
  return {
    kind: 'NOT_AN_ARN',
    what,
    key: null,
    instead: inLogGroup(`KmsKeyId with an ARN that begins with arn:${own}:`),
  };
}
