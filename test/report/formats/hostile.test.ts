import { describe, expect, it } from 'vitest';
import { type DocumentKind, ITEMS } from '../../../lib/report/documents.ts';
import { formatNames } from '../../../lib/report/formats/index.ts';
import { HOSTILE_TEXTS, hostileDocuments, TRACE } from '../hostile.ts';
import { junitMistakes } from '../junit-schema.ts';
import { parseCsv } from '../parse-csv.ts';

/** What makes the documents of each format harmless. A format joins by its line here. */
const HARMLESS: Readonly<Record<string, (documents: readonly string[]) => void | Promise<void>>> = {
  csv: (documents) => documents.forEach(isHarmlessCsv),
  markdown: (documents) => documents.forEach(isHarmlessMarkdown),
  junit: async (documents) => expect(await junitMistakes(documents)).toEqual([]),
  sarif: (documents) => documents.forEach(isHarmlessJson),
  asff: (documents) => documents.forEach(isHarmlessJson),
  ocsf: (documents) => documents.flatMap((text) => text.trimEnd().split('\n')).forEach(isHarmlessJson),
};

const kinds = Object.keys(ITEMS) as DocumentKind[];

describe.each(Object.entries(HARMLESS))('hostile texts are harmless in %s', (format, check) => {
  it.each(HOSTILE_TEXTS.map((text) => [JSON.stringify(text).slice(0, 60), text]))('%s', async (_, text) => {
    const documents = hostileDocuments(
      format,
      kinds.filter((kind) => formatNames(kind).includes(format)),
      text,
    );

    expect(documents.length).toBeGreaterThan(0);
    for (const document of documents) {
      expect(document).toContain(TRACE);
      noHiddenCharacters(document);
    }
    await check(documents);
  });
});

/** Neither control characters nor those that hide or reorder what is around them. */
function noHiddenCharacters(text: string): void {
  expect(text.replace(/[\r\n]/g, '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(text.isWellFormed()).toBe(true);
}

function isHarmlessCsv(text: string): void {
  const [head = [], ...rows] = parseCsv(text);
  expect(rows.length).toBeGreaterThan(1);
  for (const row of rows) {
    expect(row).toHaveLength(head.length);
    for (const cell of row) expect(cell).not.toMatch(/(^|;)\s*[=+\-@＝＋－＠]/);
  }
}

function isHarmlessMarkdown(text: string): void {
  expect(text).not.toContain('\r');
  // GitHub renders nothing in a block, which only a fence of the same length ends, nor in a code span.
  const withoutBlocks = text.replace(/^(`{3,})text\n[\s\S]*?\n\1\n/gm, '');
  for (const line of withoutBlocks.split('\n')) {
    expect(line.replace(/`[^`]+`/g, '')).not.toContain(TRACE);
    if (line.startsWith('|')) expect(line).toMatch(/^\|( [^|]* \|)+$/);
  }
}

function isHarmlessJson(text: string): void {
  expect(JSON.parse(text)).toBeTypeOf('object');
}
