import { type DocumentKind, ITEMS } from '../documents.ts';
import { everyDocument, type ReportFormat, type ReportWriter } from '../format.ts';
import { jsonList, jsonText } from '../json-text.ts';

/** One JSON document. The items come first and the totals last, so that nothing needs to be kept. */
export const JSON_FORMAT: ReportFormat = {
  name: 'json',
  extensions: ['.json'],
  isForPeople: false,
  writers: everyDocument(jsonWriter),
};

function jsonWriter<Kind extends DocumentKind>(kind: Kind): ReportWriter<Kind> {
  const items = ITEMS[kind];
  const listed = jsonList();
  return {
    begin: () => `{"schema":"logseal/${kind}/1"${items === null ? '' : `,"${items}":[`}`,
    page: listed,
    end(totals) {
      const fields = jsonText(totals).slice(1, -1);
      return `${items === null ? '' : ']'}${fields === '' ? '' : `,${fields}`}}\n`;
    },
  };
}
