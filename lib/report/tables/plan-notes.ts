import type { PlannedKey } from '../../app/change/plan-target.ts';
import type { Colors } from '../colors.ts';

/** What a plan could not find out, in whole lines; empty where that is nothing. */
export function planNotes(keys: readonly PlannedKey[], { yellow }: Pick<Colors, 'yellow'>): string {
  const rights = keys.flatMap(({ region, rightsUnknown: why }) =>
    why === undefined ? [] : [`whether the caller may seal every log store in ${region} is not known: ${why}`],
  );
  const stacksUnknown = Map.groupBy(
    keys.filter((target) => target.stacksUnknown !== undefined),
    (target) => target.stacksUnknown,
  );
  const stacks = [...stacksUnknown].map(([why, some]) => {
    const regions = some.map(({ region }) => region).join(', ');
    return `which log groups in ${regions} CloudFormation owns is not known: ${why}`;
  });
  return [...rights, ...stacks].map((note) => `${yellow('note:')} ${note}\n`).join('');
}
