import type { ReportFormat } from '../format.ts';

/** For AWS Security Hub: a JSON list of findings in the AWS Security Finding Format, for `batch-import-findings`. */
export const ASFF_FORMAT: ReportFormat = {
  name: 'asff',
  extensions: ['.asff.json'],
  isForPeople: false,
  providers: ['aws'],
  writers: { scan: async () => (await import('../asff/scan.ts')).scanAsff },
};
