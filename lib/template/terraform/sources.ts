import { fieldIn } from './json.ts';
import { CHOOSES, type Reached, type Target } from './references.ts';

/** Choice. */
const LISTED = 5;

/** References as a message lists them. */
export function listed(references: readonly string[]): string {
  const more = references.length - LISTED;
  return `${references.slice(0, LISTED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Whether the plan has the value of a target. */
export function isKnownTarget({ resource, attribute }: Target): boolean {
  return attribute !== null && fieldIn(resource.values, attribute) !== undefined;
}

/** Where inputs and outputs of modules get a value that is known only after apply. */
export function endsOf(references: readonly string[], { targets, open }: Reached): string[] {
  if (!references.some((each) => /^(?:var|module|each)\./.test(each))) return [];
  const unknown = targets
    .filter((target) => !isKnownTarget(target))
    .map(({ resource: { address }, attribute }) => (attribute === null ? address : `${address}.${attribute}`));
  return [...new Set([...open, ...unknown])].filter((each) => !references.includes(each));
}

/** What a value comes from, as a message says it. @param ends as `endsOf` gives them */
export function sourceOf(references: readonly string[], ends: readonly string[]): string {
  return `${listed(references)}${ends.length > 0 ? `, which comes from ${listed(ends)}` : ''}`;
}

/** How to settle what is known only after apply. @param ends as `endsOf` gives them */
export function settledBy(references: readonly string[], ends: readonly string[] = []): string {
  const locals = [...references, ...ends].filter((each) => each.startsWith('local.'));
  const [needed = references] = [ends, references.filter((each) => !CHOOSES.test(each))].filter(
    (some) => some.length > 0,
  );
  const before =
    locals.length > 0
      ? `write what ${listed(locals)} stands for in its place, since a plan has no local values`
      : `make a new plan once ${listed(needed)} ${needed.length === 1 ? 'exists' : 'exist'}`;
  return `${before}; or, after the apply, check what terraform show -json > state.json writes`;
}
