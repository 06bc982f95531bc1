import { type Fields, isFields } from '../../domain/template/fields.ts';

/** The object in a field; an empty one where there is none. */
export function objectIn(value: unknown, name: string): Fields {
  const field = fieldIn(value, name);
  return isFields(field) ? field : {};
}

/** The objects of the list in a field. */
export function objectsIn(value: unknown, name: string): Fields[] {
  const field = fieldIn(value, name);
  return Array.isArray(field) ? field.filter(isFields) : [];
}

/** The text in a field; undefined where it is empty or something else. */
export function textIn(value: unknown, name: string): string | undefined {
  const field = fieldIn(value, name);
  return typeof field === 'string' && field !== '' ? field : undefined;
}

/** What is in a field, whatever its name is. */
export function fieldIn(value: unknown, name: string): unknown {
  return isFields(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** Whether `true` is anywhere in what Terraform says of the parts of a value. */
export function hasTrue(flags: unknown): boolean {
  const left = [flags];
  while (left.length > 0) {
    const next = left.pop();
    if (next === true) return true;
    if (typeof next === 'object' && next !== null) for (const part of Object.values(next)) left.push(part);
  }
  return false;
}
