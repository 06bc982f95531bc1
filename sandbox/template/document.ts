import { readFileSync } from 'node:fs';
import { UsageError } from '../../lib/errors.ts';
import { readDocumentText } from '../../lib/template/cloudformation/document.ts';

/**
 * Reads a template into the form of CloudFormation's JSON.
 * @throws UsageError that lists every mistake of its YAML
 */
export function readDocument(path: string): unknown {
  const document = readDocumentText(readFileSync(path, 'utf8'));
  if (document.notes.length === 0) return document.root;
  throw new UsageError(document.notes.map(({ line, message }) => `${path}:${line}: ${message}`));
}
