import { type DocumentKind, ITEMS } from '../documents.ts';
import type { ReportFormat, ReportWriter } from '../format.ts';

/** One JSON document. The items come first and the totals last, so that nothing needs to be kept. */
export const JSON_FORMAT: ReportFormat = {
  name: 'json',
  writers: {
    scan: async () => () => jsonWriter('scan'),
    plan: async () => () => jsonWriter('plan'),
    outcome: async () => () => jsonWriter('outcome'),
    'key-check': async () => () => jsonWriter('key-check'),
    'key-repair': async () => () => jsonWriter('key-repair'),
    'policy-verdict': async () => () => jsonWriter('policy-verdict'),
  },
};

function jsonWriter<Kind extends DocumentKind>(kind: Kind): ReportWriter<Kind> {
  const items = ITEMS[kind];
  let separator = '';
  return {
    begin: () => `{"schema":"logseal/${kind}/1"${items === null ? '' : `,"${items}":[`}`,
    page(some) {
      const text = some.map((item) => JSON.stringify(item)).join(',\n');
      if (text === '') return '';
      const separated = `${separator}${text}`;
      separator = ',\n';
      return separated;
    },
    end: (totals) => `${items === null ? '' : ']'},${JSON.stringify(totals).slice(1)}\n`,
  };
}
