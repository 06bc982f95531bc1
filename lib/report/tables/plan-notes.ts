import type { PlannedKey } from '../../app/change/plan-target.ts';
import type { Colors } from '../colors.ts';
import { placesOf } from '../places-of.ts';

/** What a plan could not find out, in whole lines; empty where that is nothing. */
export function planNotes(keys: readonly PlannedKey[], { yellow }: Pick<Colors, 'yellow'>): string {
  const placeOf = placesOf(keys);
  const rights = keys.flatMap(({ account, region, rightsUnknown: why }) => {
    const place = placeOf(account, [region]);
    return why === undefined ? [] : [`whether the caller may seal every log store in ${place} is not known: ${why}`];
  });
  const stacksUnknown = Map.groupBy(
    keys.filter((target) => target.stacksUnknown !== undefined),
    (target) => target.stacksUnknown,
  );
  const stacks = [...stacksUnknown].map(([why, some]) => {
    const places = some.map(({ account, region }) => placeOf(account, [region])).join(', ');
    return `which log groups in ${places} CloudFormation owns is not known: ${why}`;
  });
  return [...rights, ...stacks].map((note) => `${yellow('note:')} ${note}\n`).join('');
}
