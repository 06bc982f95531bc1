import { isFields } from '../../domain/template/fields.ts';
import { passingFix } from './key-parameter.ts';
import type { WhyNone } from './keys.ts';
import { misplacedIn } from './refused.ts';
import type { WrittenResource } from './shape.ts';
import type { Stack } from './stack.ts';

/** Why a log group has no key although the template has a place for one; null: it has none. */
export function whyNone(resource: WrittenResource, stack: Stack): WhyNone | null {
  const { KmsKeyId: written } = resource.properties;
  if (written === undefined) {
    const [misplaced] = misplacedIn(resource);
    return misplaced ? { because: misplaced.wrong, isRefused: true, instead: misplaced.instead } : null;
  }
  const choice = isFields(written) ? written['Fn::If'] : undefined;
  if (!Array.isArray(choice)) return null;
  const [condition, yes, no] = choice as unknown[];
  if (isNoValue(yes) && isNoValue(no)) return null;
  const isWanted = !isNoValue(yes);
  const leftOut = `with these parameters the condition ${condition} is ${!isWanted}, so that Fn::If leaves KmsKeyId out`;
  const because = stack.prefix === '' ? `${leftOut}; to check other values: --parameter NAME=VALUE` : leftOut;
  return { because, instead: insteadOf(String(condition), isWanted, isWanted ? yes : no, stack) };
}

function isNoValue(branch: unknown): boolean {
  return isFields(branch) && branch['Ref'] === 'AWS::NoValue';
}

/** What to do for a branch of `Fn::If` that names a key, where the other one counts. */
function insteadOf(condition: string, isWanted: boolean, branch: unknown, stack: Stack): string {
  const { template, prefix } = stack;
  const { parameters, conditions } = template;
  const setting = settingFor(isWanted, conditions[condition]);
  const parameter = isFields(branch) && branch['Ref'];
  if (
    typeof parameter === 'string' &&
    Object.hasOwn(parameters, parameter) &&
    [undefined, parameter].includes(setting?.name)
  ) {
    return passingFix(parameter, stack);
  }
  const value = setting && `${setting.name}=${setting.value}`;
  const how =
    value === undefined
      ? ''
      : prefix === ''
        ? ` (deploy with ${value}: --parameter ${value} checks it)`
        : ` (${value} in the Parameters of ${prefix.slice(0, -1)})`;
  return `make the condition ${condition} ${isWanted}${how}, or name a key in the other branch of its Fn::If`;
}

/** The parameter that makes a condition true or false, and its value; undefined: there is no such one that is plain. */
function settingFor(
  isWanted: boolean,
  condition: unknown,
): { readonly name: string; readonly value: string } | undefined {
  if (!isFields(condition)) return undefined;
  const { 'Fn::Not': negated, 'Fn::Equals': sides } = condition;
  if (Array.isArray(negated)) return settingFor(!isWanted, negated[0]);
  if (!Array.isArray(sides) || !isWanted) return undefined;
  const name = sides.flatMap((side: unknown) => (isFields(side) ? (side['Ref'] ?? []) : []))[0];
  const value = sides.find((side: unknown) => typeof side !== 'object');
  return typeof name === 'string' && !name.startsWith('AWS::') && value !== undefined
    ? { name, value: String(value) }
    : undefined;
}
