import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validateXML } from 'xmllint-wasm';

const schema = readFileSync(join(import.meta.dirname, 'schemas', 'junit-10.xsd'), 'utf8');

/** What libxml2 finds wrong with each of some documents by Jenkins's schema of JUnit reports. */
export async function junitMistakes(documents: readonly string[]): Promise<readonly string[]> {
  const xml = documents.map((contents, index) => ({ fileName: `${index}.xml`, contents }));
  const { errors } = await validateXML({ xml, schema, maxMemoryPages: 4_096 });
  return errors.map(({ rawMessage }) => rawMessage);
}
