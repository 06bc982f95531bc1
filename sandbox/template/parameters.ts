import { UsageError } from '../../lib/errors.ts';

type Scalar = string | number;

/** A parameter as a template declares it. */
export interface Parameter {
  readonly Type: string;
  readonly Default?: Scalar;
  readonly AllowedValues?: readonly Scalar[];
  readonly AllowedPattern?: string;
  readonly MinValue?: number;
  readonly MaxValue?: number;
  readonly ConstraintDescription?: string;
}

type Values = Readonly<Record<string, string>>;

/** Every parameter's value. @throws UsageError that lists every mistake */
export function resolveParameters(declared: Readonly<Record<string, Parameter>>, given: Values): Values {
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(declared, name));
  const values = Object.entries(declared).map(([name, { Default }]) => [name, String(given[name] ?? Default ?? '')]);
  const mistakes = [
    ...unknown.map((name) => `Parameter '${name}' does not exist in the template`),
    ...Object.entries(declared).flatMap(([name, parameter]) => {
      const mistake = mistakeIn(parameter, given[name]);
      return mistake ? [`Parameter '${name}' ${mistake}`] : [];
    }),
  ];
  if (mistakes.length) throw new UsageError(mistakes);
  return Object.fromEntries(values);
}

function mistakeIn(parameter: Parameter, given: string | undefined): string | undefined {
  const { Type, Default, AllowedValues, AllowedPattern = '.*', ConstraintDescription } = parameter;
  if (Type !== 'String' && Type !== 'Number') return `has the type ${Type}; the sandbox knows String and Number`;
  if (given === undefined && Default === undefined) return 'must have a value';
  const value = String(given ?? Default);
  if (Type === 'Number' && !/^-?\d+(\.\d+)?$/.test(value)) return `must be a number, got '${value}'`;
  const { MinValue = Number.NEGATIVE_INFINITY, MaxValue = Number.POSITIVE_INFINITY } = parameter;
  if (Type === 'Number' && (Number(value) < MinValue || Number(value) > MaxValue)) {
    return `must be from ${MinValue} to ${MaxValue}, got '${value}'`;
  }
  if (AllowedValues && !AllowedValues.map(String).includes(value)) {
    return `must be one of AllowedValues ${AllowedValues.join(', ')}, got '${value}'`;
  }
  if (new RegExp(`^(?:${AllowedPattern})$`, 's').test(value)) return undefined;
  const why = ConstraintDescription ?? `must match pattern ${AllowedPattern}`;
  return `failed to satisfy constraint: ${why}, got '${value}'`;
}
