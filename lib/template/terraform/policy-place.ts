import { moduleAddress, type Step } from './addresses.ts';
import { type Configuration, callOf, expressionOf } from './configuration.ts';
import { textIn } from './json.ts';
import { type ResourceIndex, targetsOf } from './references.ts';
import type { Resource } from './resources.ts';

/** How to change the policy of a key; undefined: in the key itself. @param separate the resource that sets it in the place of the key's own attribute */
export function policyPlace(index: ResourceIndex, key: Resource, separate: Resource | undefined): string | undefined {
  const owner = separate ?? key;
  const targets = targetsOf(index, owner, expressionOf(index.configuration, owner, 'policy'));
  const [document, ...others] = targets.filter(({ resource }) => resource.type === 'aws_iam_policy_document');
  const place = document && others.length === 0 ? document.resource : owner;
  const module = packageOf(index.configuration, place.path);
  if (module) return `through an input of ${moduleAddress(module)}`;
  return place === key ? undefined : `in ${place.address}`;
}

/** The outermost module on a path that comes from a registry or another repository, where nobody edits it. */
function packageOf(configuration: Configuration, path: readonly Step[]): readonly Step[] | undefined {
  const modules = path.map((_, position) => path.slice(0, position + 1));
  return modules.find((each) => !LOCAL.test(textIn(callOf(configuration, each), 'source') ?? './'));
}

/** Terraform's documentation, "Module Sources". */
const LOCAL = /^\.{1,2}\//;
