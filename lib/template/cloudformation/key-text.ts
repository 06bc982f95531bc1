import { partitionOfRegion } from '../../domain/partition.ts';
import { inLogGroup } from '../../domain/template/in-log-group.ts';
import type { KeyReference } from '../../domain/template/model.ts';
import { shownText } from '../../domain/template/unknown.ts';
import type { Stack } from './stack.ts';

/** A tag of YAML that refers to something. */
const TAG = /^!(Ref|GetAtt|Sub|If|ImportValue|Join|FindInMap|Select)\b/;

/**
 * What is wrong with a text in the place of a key's ARN, whatever key it means; undefined: nothing.
 * @param known what of the text is known
 */
export function wrongText(text: string, known: string, { place, template }: Stack): KeyReference | undefined {
  const shown = shownText(text);
  const wrong = (what: string, why: string, instead: string): KeyReference => {
    return { kind: 'NOT_AN_ARN', what, why, key: null, instead: inLogGroup(instead) };
  };
  const [tag, name] = TAG.exec(text) ?? [];
  if (tag !== undefined) {
    const instead = template.isJson ? `KmsKeyId with ${longForm(name)}` : `KmsKeyId: ${shown}, without the quotes`;
    const why = template.isJson ? `JSON has no ${tag}` : `in quotes, ${tag} is a part of the text`;
    return wrong(`the text ${shown}`, why, instead);
  }
  if (known.includes('${')) {
    const instead = 'KmsKeyId with Fn::Sub (in YAML !Sub) before the text';
    return wrong(`the text ${shown}`, 'only Fn::Sub replaces ${…}', instead);
  }
  const own = place.region === null ? undefined : partitionOfRegion(place.region)?.name;
  const [, named] = /^arn:(aws[a-z-]*):/.exec(text) ?? [];
  if (own === undefined || named === undefined || named === own) return undefined;
  return wrong(shown, `its partition is not ${own}`, `KmsKeyId with an ARN that begins with arn:${own}:`);
}

function longForm(name = ''): string {
  return name === 'Ref' ? name : `Fn::${name}`;
}
