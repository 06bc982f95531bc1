import type { DocumentKind } from '../documents.ts';
import type { ReportFormat, WriterOf } from '../format.ts';

/** For people. It keeps the worst items, so that memory stays bounded, and draws them at the end. */
export const TABLE_FORMAT: ReportFormat = {
  name: 'table',
  // A file of any other name needs --format table.
  extensions: [],
  isForPeople: true,
  writers: {
    scan: async () => fitting((await import('../tables/scan.ts')).scanTable),
    plan: async () => fitting((await import('../tables/plan.ts')).planTable),
    outcome: async () => fitting((await import('../tables/outcome.ts')).outcomeTable),
    runs: async () => fitting((await import('../tables/runs.ts')).runsTable),
    'key-check': async () => fitting((await import('../tables/key-check.ts')).keyCheckTable),
    'key-repair': async () => fitting((await import('../tables/key-repair.ts')).keyRepairText),
    'policy-verdict': async () => fitting((await import('../tables/verdict.ts')).verdictTable),
    'policy-verdicts': async () => fitting((await import('../tables/verdict.ts')).verdictsTable),
    template: async () => fitting((await import('../tables/template.ts')).templateTable),
    'config-check': async () => fitting((await import('../tables/config-check.ts')).configCheckTable),
  },
};

/** Breaks the lines that are wider than the terminal. */
async function fitting<Kind extends DocumentKind>(begin: WriterOf<Kind>): Promise<WriterOf<Kind>> {
  const { fitted } = await import('../fit.ts');
  return (options) => {
    const writer = begin(options);
    const { width } = options;
    if (width === null) return writer;
    return {
      begin: () => fitted(writer.begin(), width),
      page: (items) => fitted(writer.page(items), width),
      end: (totals) => fitted(writer.end(totals), width),
    };
  };
}
