import { keyStateReasons } from './key-state.ts';
import type { Declarations, Declared, DeclaredKey, KeyReference } from './model.ts';
import type { PolicyEvaluator } from './policy.ts';

/** The key to name in a fix. */
export interface Suggestion {
  /** null: one has to be declared first. */
  readonly key: DeclaredKey | null;
  /** What the fix begins and ends with. */
  readonly before: string;
  readonly after: string;
}

/** @param logGroup its name; null: AWS makes it up */
export type Suggest = (declared: Declared, logGroup: string | null) => Suggestion;

const WITHOUT_A_KEY: Suggestion = {
  key: null,
  before:
    'declare a key whose policy lets CloudWatch Logs use it, since no key in these files is certain to work here (docs/infrastructure-as-code.md#the-key-policy has one to copy), and ',
  after: '',
};

/** Choice: as many policies as are tried for one log group. */
const MAX_TRIED = 5;

/**
 * Suggests the first of the keys that certainly is there and works for every log group, or else for the one in question; or else one that
 * other log groups name, whose policy has to be put right first.
 */
export function suggester({ keys, groups, language }: Declarations, { allows }: PolicyEvaluator): Suggest {
  const named = new Set(groups.flatMap(({ key }) => idsIn(key)));
  const works = (key: Alternatives, logGroup: string | null) => key.every((each) => allows(each, logGroup));
  const all = [...Map.groupBy(keys, ({ id }) => id).values()];
  const healthy = all.filter((key) => key.every((each) => keyStateReasons(each, language).length === 0));
  const conditions = new Set(keys.map(({ condition }) => condition));
  const thereUnder = (condition: string | undefined) => {
    const there = healthy.filter(([key]) => key?.condition === undefined || key.condition === condition);
    const tried = differentIn(there);
    const [toRepair] = there.flatMap(([key]) => (key && named.has(key.id) ? [key] : []));
    return { tried, forAll: tried.find((key) => works(key, null)), toRepair };
  };
  const known = new Map<string | undefined, ReturnType<typeof thereUnder>>();
  return ({ condition: own }, logGroup) => {
    const condition = conditions.has(own) ? own : undefined;
    const there = known.get(condition) ?? thereUnder(condition);
    known.set(condition, there);
    const { tried, forAll, toRepair } = there;
    const [key] = forAll ?? tried.slice(0, MAX_TRIED).find((each) => works(each, logGroup)) ?? [];
    if (key) return { key, before: '', after: '' };
    if (!toRepair) return WITHOUT_A_KEY;
    const after = `, once the key policy of ${toRepair.id} lets CloudWatch Logs use it`;
    return { key: toRepair, before: '', after };
  };
}

function idsIn(reference: KeyReference): string[] {
  switch (reference.kind) {
    case 'DECLARED':
      return [reference.key.id];
    case 'NOT_AN_ARN':
      return reference.key ? [reference.key.id] : [];
    case 'ONE_OF':
      return reference.alternatives.flatMap(idsIn);
    default:
      return [];
  }
}

/** What a key may turn out to be. */
type Alternatives = readonly DeclaredKey[];

/** The first key of each policy. */
function differentIn(keys: readonly Alternatives[]): Alternatives[] {
  const byPolicy = Map.groupBy(keys, (key) => JSON.stringify(key.map(({ policy }) => policy)));
  return [...byPolicy.values()].flatMap(([key]) => (key ? [key] : []));
}
