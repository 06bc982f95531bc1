/**
 * The same value with each text in it changed, at any depth. What holds no text that changes is not copied.
 * @param change receives the name of the field too; in a list, that of the list
 */
export function mapTexts<T>(value: T, change: (text: string, field: string) => string, field = ''): T {
  if (typeof value === 'string') return change(value, field) as T & string;
  if (typeof value !== 'object' || value === null) return value;
  const parts = value as Record<string, unknown>;
  const isList = Array.isArray(value);
  let changed: Record<string, unknown> | undefined;
  // A scan has millions of parts: this is twice as fast as `Object.entries`.
  for (const name in parts) {
    const part = parts[name];
    const own = mapTexts(part, change, isList ? field : name);
    if (own === part) continue;
    changed ??= {};
    changed[name] = own;
  }
  if (!changed) return value;
  // Symbols are copied too: `OWN_PART` names a part of a fix.
  return (isList ? Object.assign([...value], changed) : { ...value, ...changed }) as T;
}
