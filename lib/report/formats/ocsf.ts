import type { ReportFormat } from '../format.ts';

/** For security data lakes: one event of the Open Cybersecurity Schema Framework a line. */
export const OCSF_FORMAT: ReportFormat = {
  name: 'ocsf',
  extensions: ['.ocsf.ndjson'],
  isForPeople: false,
  writers: { scan: async () => (await import('../ocsf/scan.ts')).scanOcsf },
};
