import { moduleAddress, partsOf, stepText } from './addresses.ts';
import { fieldIn } from './json.ts';
import { CHOOSES, type Reached, type Target } from './references.ts';

/** Choice. */
const LISTED = 5;

/** References as a message lists them. @param shown what to list of each, for the first ones only, since there may be thousands */
export function listed(references: readonly string[], shown = (reference: string) => reference): string {
  const more = references.length - LISTED;
  return `${[...new Set(references.slice(0, LISTED).map(shown))].join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
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

/** How to settle, before the apply, what is known only after it. @param ends as `endsOf` gives them */
export function settledBy(references: readonly string[], ends: readonly string[] = []): string {
  const locals = [...references, ...ends].filter((each) => each.startsWith('local.'));
  if (locals.length > 0) {
    const values = locals.length === 1 ? 'its value' : 'their values';
    return `replace ${listed(locals)} by ${values}, since a plan has no local values`;
  }
  const [needed] = [ends, references]
    .map((some) => some.filter((each) => !CHOOSES.test(each)))
    .filter((some) => some.length > 0);
  if (!needed) return `make a plan in which ${listed(references)} is known`;
  return `apply ${listed(needed, addressIn)} first, with terraform apply -target, then make a new plan`;
}

/** What `-target` takes, in a reference to an attribute or to an output of a module. */
function addressIn(reference: string): string {
  const { path, own } = partsOf(reference);
  const resource = own.slice(0, own[0]?.name === 'data' ? 3 : 2);
  const steps = resource.length < 2 ? [] : [resource.map(stepText).join('.')];
  return [...(path.length > 0 ? [moduleAddress(path)] : []), ...steps].join('.') || reference;
}
