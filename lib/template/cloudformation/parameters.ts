import { isFields } from '../../domain/template/fields.ts';

/** The value of a parameter that is declared; undefined: it is not known. @param given undefined: no value is given */
export function parameterValue(declared: unknown, given: unknown): unknown {
  const { Type: type, Default: byDefault } = isFields(declared) ? declared : {};
  const value = given ?? (isStored(type) ? undefined : byDefault);
  if (value === undefined || value === null) return undefined;
  if (isListType(type) && typeof value === 'string') return value.split(',').map((item) => item.trim());
  return typeof value === 'object' ? value : String(value);
}

/** Whether the default of a parameter of a type is the name of one in the Parameter Store. */
export function isStored(type: unknown): boolean {
  return typeof type === 'string' && type.startsWith('AWS::SSM::Parameter::Value');
}

/** Whether a parameter of a type is a list, which is given as one text with commas. */
export function isListType(type: unknown): boolean {
  return typeof type === 'string' && /^(CommaDelimitedList$|List<)/.test(type);
}
