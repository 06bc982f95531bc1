import type { DocumentKind, ItemOf, TotalsOf } from './documents.ts';
import type { ReportWriter } from './format.ts';

/** A writer that keeps the items of a short document, and writes everything when it ends. */
export function allAtOnce<Kind extends DocumentKind>(
  write: (items: readonly ItemOf<Kind>[], totals: TotalsOf<Kind>) => string,
): ReportWriter<Kind> {
  const kept: ItemOf<Kind>[] = [];
  return {
    begin: () => '',
    page(items) {
      kept.push(...items);
      return '';
    },
    end: (totals) => write(kept, totals),
  };
}
