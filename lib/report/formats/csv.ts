import type { ReportFormat } from '../format.ts';

/** For spreadsheets: one row a finding. */
export const CSV_FORMAT: ReportFormat = {
  name: 'csv',
  extensions: ['.csv'],
  isForPeople: false,
  writers: { scan: async () => (await import('../csv/scan.ts')).scanCsv },
};
