import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';

const text = readFileSync(join(import.meta.dirname, 'schemas', 'sarif-2.1.0.schema.json'), 'utf8');
// What it has of draft 04, which Ajv does not know, is its own name alone.
const { $schema: _, id: __, ...schema } = JSON.parse(text) as Record<string, unknown>;
const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);

/** What is wrong with a document by the published schema of SARIF 2.1.0. */
export function sarifMistakes(document: unknown): readonly string[] {
  return validate(document)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
