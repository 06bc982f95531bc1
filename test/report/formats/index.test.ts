import { describe, expect, it } from 'vitest';
import type { DocumentKind } from '../../../lib/report/documents.ts';
import { formatNames, writerOf } from '../../../lib/report/formats/index.ts';
import { reportOptions } from '../builders.ts';

/** What `--format` takes for each document, the default first. A document without a line here does not compile. */
const NAMES: Readonly<Record<DocumentKind, readonly string[]>> = {
  scan: ['table', 'json', 'ndjson', 'csv', 'html', 'markdown', 'junit', 'asff', 'ocsf'],
  plan: ['table', 'json', 'ndjson', 'markdown'],
  outcome: ['table', 'json', 'ndjson', 'markdown'],
  runs: ['table', 'json', 'ndjson'],
  'key-check': ['table', 'json', 'ndjson', 'markdown'],
  'key-repair': ['table', 'json', 'ndjson'],
  'policy-verdict': ['table', 'json', 'ndjson', 'markdown', 'junit', 'sarif'],
  'policy-verdicts': ['table', 'json', 'ndjson', 'markdown', 'junit', 'sarif'],
  template: ['table', 'json', 'ndjson', 'markdown', 'junit', 'sarif'],
  'config-check': ['table', 'json', 'ndjson'],
};

describe.each(Object.entries(NAMES) as [DocumentKind, string[]][])('the formats of the document %s', (kind, names) => {
  it('have these names', () => {
    expect(formatNames(kind)).toEqual(names);
  });

  it.each(names)('include a writer for %s that can be begun', async (name) => {
    const begin = await writerOf(kind, name);

    expect(typeof begin(reportOptions()).begin()).toBe('string');
  });

  it.each(['', 'pdf', 'JSON', 'toString'])('do not include %j', async (name) => {
    await expect(writerOf(kind, name)).rejects.toThrow(
      new RangeError(`a document of the kind ${kind} cannot be written as ${name}`),
    );
  });
});
