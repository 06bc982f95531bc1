import { type DocumentKind, ITEMS } from '../documents.ts';
import { everyDocument, type ReportFormat, type ReportWriter } from '../format.ts';
import { jsonText } from '../json-text.ts';

/** One JSON object a line: each item, then the totals. A document without items is one line. */
export const NDJSON_FORMAT: ReportFormat = {
  name: 'ndjson',
  extensions: ['.ndjson'],
  isForPeople: false,
  writers: everyDocument(ndjsonWriter),
};

function ndjsonWriter<Kind extends DocumentKind>(kind: Kind): ReportWriter<Kind> {
  const schema = ITEMS[kind] === null ? `logseal/${kind}/1` : `logseal/${kind}-summary/1`;
  return {
    begin: () => '',
    page: (items) => items.map((item) => `${jsonText(item)}\n`).join(''),
    end: (totals) => `${jsonText({ schema, ...totals })}\n`,
  };
}
