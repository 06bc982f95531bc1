import type { ReportFormat } from '../format.ts';

/** For pipelines that show test results: one test case a log store. */
export const JUNIT_FORMAT: ReportFormat = {
  name: 'junit',
  extensions: ['.xml'],
  isForPeople: false,
  writers: {
    scan: async () => (await import('../junit/scan.ts')).scanJunit,
    template: async () => (await import('../junit/template.ts')).templateJunit,
    'policy-verdict': async () => (await import('../junit/verdict.ts')).verdictJunit,
    'policy-verdicts': async () => (await import('../junit/verdict.ts')).verdictsJunit,
  },
};
