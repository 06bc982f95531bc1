import { type BoundDeclaration, isSomeRegion, shownVariables } from './bound-policy.ts';
import type { DeclaredKey } from './model.ts';
import { isKnown, shownParts, shownText, UNKNOWN_ACCOUNT, UNKNOWN_REGION } from './unknown.ts';

/** What stands for an unknown value, as words. */
export function shown(text: string, { id, arn }: DeclaredKey, bound: BoundDeclaration): string {
  const keyArn = arn !== null && isKnown(arn) ? undefined : bound.policies[0]?.service.keyArn;
  const named = keyArn === undefined ? text : text.replaceAll(keyArn, id);
  const placed = placeholdersFor(bound).reduce((each, { value, word }) => each.replaceAll(value, word), named);
  return shownVariables(shownParts(shownText(placed)));
}

/** A fix as it is shown. Its first line says how the words that stand in it for the Region and the account are filled in. */
export function shownFix(text: string, key: DeclaredKey, bound: BoundDeclaration): string {
  const whole = shown(text, key, bound);
  const options = placeholdersFor(bound).flatMap(({ word, option }) =>
    whole.includes(word) ? `${option} fills in ${word}` : [],
  );
  return options.length === 0 ? whole : whole.replace(/(?=:?(\n|$))/, ` (${options.join(', ')})`);
}

/** What stands for the Region and the account where they are not known. */
function placeholdersFor({ region, account, isSomeAccount }: BoundDeclaration) {
  return [
    ...(isSomeRegion(region) ? [{ value: region, word: 'REGION', option: UNKNOWN_REGION.settledBy }] : []),
    ...(isSomeAccount ? [{ value: account, word: 'ACCOUNT', option: UNKNOWN_ACCOUNT.settledBy }] : []),
  ];
}
