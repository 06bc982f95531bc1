/**
 * The same value with each text in it changed, at any depth. What holds no text that changes is not copied.
 * @param change receives the name of the field too; in a list, that of the list
 */
export function mapTexts<T>(value: T, change: (text: string, field: string) => string, field = ''): T {
  if (typeof value === 'string') return change(value, field) as T & string;
  if (typeof value !== 'object' || value === null) return value;
  let changed: Record<string, unknown> | undefined;
  for (const [name, part] of Object.entries(value)) {
    const own = mapTexts(part, change, Array.isArray(value) ? field : name);
    if (own === part) continue;
    changed ??= {};
    changed[name] = own;
  }
  if (!changed) return value;
  // Symbols are copied too: `AUTHORIZATION` names a part of a fix.
  return (Array.isArray(value) ? Object.assign([...value], changed) : { ...value, ...changed }) as T;
}
