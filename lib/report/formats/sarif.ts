import type { ReportFormat } from '../format.ts';

/** For code scanning: what is wrong with a key policy, and where in its file. SARIF 2.1.0. */
export const SARIF_FORMAT: ReportFormat = {
  name: 'sarif',
  extensions: ['.sarif'],
  isForPeople: false,
  writers: {
    template: async () => (await import('../sarif/template.ts')).templateSarif,
    'policy-verdict': async () => (await import('../sarif/verdict.ts')).verdictSarif,
    'policy-verdicts': async () => (await import('../sarif/verdict.ts')).verdictsSarif,
  },
};
