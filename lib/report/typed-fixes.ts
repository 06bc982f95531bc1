import type { DocumentKind } from './documents.ts';
import type { ReportOptions, WriterOf } from './format.ts';

type AsTyped = ReportOptions['asTyped'];

/** A writer whose fixes have their commands as they must be typed. */
export function typedFixesOf<Kind extends DocumentKind>(begin: WriterOf<Kind>): WriterOf<Kind> {
  return (options) => {
    const writer = begin(options);
    return {
      begin: () => writer.begin(),
      page: (items) => writer.page(withTypedFixes(items, options.asTyped)),
      end: (totals) => writer.end(withTypedFixes(totals, options.asTyped)),
    };
  };
}

/** The same value with the commands in all its fixes as they must be typed. What has no such fix is not copied. */
export function withTypedFixes<T>(value: T, asTyped: AsTyped): T {
  if (typeof value !== 'object' || value === null) return value;
  const parts = value as Record<string, unknown>;
  let changed: Record<string, unknown> | undefined;
  // A scan has millions of parts: this is twice as fast as `Object.entries`.
  for (const name in parts) {
    const part = parts[name];
    let typed = part;
    if (typeof part === 'object') typed = withTypedFixes(part, asTyped);
    else if (name === 'fix' && typeof part === 'string') typed = asTyped(part);
    if (typed === part) continue;
    changed ??= {};
    changed[name] = typed;
  }
  if (!changed) return value;
  // Symbols are copied too: `AUTHORIZATION` names a part of a fix.
  return (Array.isArray(value) ? Object.assign([...value], changed) : { ...value, ...changed }) as T;
}
