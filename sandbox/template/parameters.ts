import * as v from 'valibot';
import { UsageError } from '../../lib/errors.ts';
import { parse } from '../parse.ts';

const scalar = v.pipe(v.union([v.string(), v.number(), v.boolean()]), v.transform(String));
const parametersSchema = v.record(
  v.string(),
  v.object({
    Type: v.picklist(['String', 'Number'], 'expected String or Number, the types that the sandbox knows'),
    Default: v.optional(scalar),
    AllowedValues: v.optional(v.array(scalar)),
    AllowedPattern: v.optional(v.string()),
    ConstraintDescription: v.optional(v.string()),
  }),
);

/** Every parameter's value. @throws UsageError that lists every mistake, in CloudFormation's words */
export function resolveParameters(declared: unknown, given: Readonly<Record<string, string>>): Record<string, string> {
  const parameters = parse(parametersSchema, declared ?? {}, '', 'Parameters.');
  const strangers = Object.keys(given).filter((name) => !Object.hasOwn(parameters, name));
  const mistakes = strangers.map((name) => `Parameter '${name}' does not exist in the template`);
  const values: Record<string, string> = {};
  for (const [name, parameter] of Object.entries(parameters)) {
    const value = given[name] ?? parameter.Default;
    if (value === undefined) {
      mistakes.push(`Parameter '${name}' must have a value`);
      continue;
    }
    values[name] = value;
    const { Type, AllowedValues, AllowedPattern, ConstraintDescription } = parameter;
    if (Type === 'Number' && (value.trim() === '' || Number.isNaN(Number(value)))) {
      mistakes.push(`Parameter '${name}' must be a number, got '${value}'`);
    } else if (AllowedValues && !AllowedValues.includes(value)) {
      mistakes.push(`Parameter '${name}' must be one of AllowedValues ${AllowedValues.join(', ')}, got '${value}'`);
    } else if (AllowedPattern && !new RegExp(`^(?:${AllowedPattern})$`).test(value)) {
      const why = ConstraintDescription ?? `must match pattern ${AllowedPattern}`;
      mistakes.push(`Parameter '${name}' failed to satisfy constraint: ${why}, got '${value}'`);
    }
  }
  if (mistakes.length) throw new UsageError(mistakes);
  return values;
}
