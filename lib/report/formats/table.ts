import type { ReportFormat } from '../format.ts';

/** For people. It keeps the worst items, so that memory stays bounded, and draws them at the end. */
export const TABLE_FORMAT: ReportFormat = {
  name: 'table',
  // A file of any other name needs --format table.
  extensions: [],
  isForPeople: true,
  writers: {
    scan: async () => (await import('../tables/scan.ts')).scanTable,
    plan: async () => (await import('../tables/plan.ts')).planTable,
    outcome: async () => (await import('../tables/outcome.ts')).outcomeTable,
    runs: async () => (await import('../tables/runs.ts')).runsTable,
    'key-check': async () => (await import('../tables/key-check.ts')).keyCheckTable,
    'key-repair': async () => (await import('../tables/key-repair.ts')).keyRepairText,
    'policy-verdict': async () => (await import('../tables/verdict.ts')).verdictTable,
    'policy-verdicts': async () => (await import('../tables/verdict.ts')).verdictsTable,
    'config-check': async () => (await import('../tables/config-check.ts')).configCheckTable,
  },
};
