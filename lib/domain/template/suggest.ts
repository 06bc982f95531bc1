import { keyStateReasons } from './key-state.ts';
import type { Declared, DeclaredKey, TemplateLanguage } from './model.ts';
import type { PolicyEvaluator } from './policy.ts';

/** The key to name in a fix; null: none certainly works. @param logGroup its name; null: AWS makes it up */
export type Suggest = (declared: Declared, logGroup: string | null) => DeclaredKey | null;

/** Choice: as many policies as are tried for one log group. */
const MAX_TRIED = 5;

/** Suggests the first of the keys that certainly is there and works for every log group, or else for the one in question. */
export function suggester(
  keys: readonly DeclaredKey[],
  { allows }: PolicyEvaluator,
  language: TemplateLanguage,
): Suggest {
  const works = (key: Alternatives, logGroup: string | null) => key.every((each) => allows(each, logGroup));
  const all = [...Map.groupBy(keys, ({ id }) => id).values()];
  const healthy = all.filter((key) => key.every((each) => keyStateReasons(each, language).length === 0));
  const conditions = new Set(keys.map(({ condition }) => condition));
  const thereUnder = (condition: string | undefined) => {
    const there = healthy.filter(([key]) => key?.condition === undefined || key.condition === condition);
    const tried = differentIn(there);
    return { tried, forAll: tried.find((key) => works(key, null)) };
  };
  const known = new Map<string | undefined, ReturnType<typeof thereUnder>>();
  return ({ condition: own }, logGroup) => {
    const condition = conditions.has(own) ? own : undefined;
    const there = known.get(condition) ?? thereUnder(condition);
    known.set(condition, there);
    const { tried, forAll } = there;
    const found = forAll ?? tried.slice(0, MAX_TRIED).find((key) => works(key, logGroup));
    return found?.[0] ?? null;
  };
}

/** What a key may turn out to be. */
type Alternatives = readonly DeclaredKey[];

/** The first key of each policy. */
function differentIn(keys: readonly Alternatives[]): Alternatives[] {
  const byPolicy = Map.groupBy(keys, (key) => JSON.stringify(key.map(({ policy }) => policy)));
  return [...byPolicy.values()].flatMap(([key]) => (key ? [key] : []));
}
