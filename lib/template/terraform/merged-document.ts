import { type Fields, isFields, jsonOf } from '../../domain/template/fields.ts';
import { configured, expressionOf, referencesIn } from './configuration.ts';
import { fieldIn, hasTrue, objectIn, objectsIn, textIn } from './json.ts';
import { deferredDocument } from './policy-document.ts';
import { follow, type ResourceIndex } from './references.ts';
import type { Resource } from './resources.ts';

/** Choice. Documents are made of documents. */
const MAX_DEPTH = 10;

/**
 * The policy that a data source `aws_iam_policy_document` will give, which Terraform reads only while it applies, with the documents
 * that it is made of: a statement takes the place of an earlier one with the same Sid.
 * @returns undefined where its form is not known, or must not be shown
 */
export function mergedDocument(index: ResourceIndex, data: Resource, depth = MAX_DEPTH): string | undefined {
  const own = deferredDocument(data, objectIn(configured(index.configuration, data), 'expressions'));
  if (own === undefined || depth === 0) return undefined;
  const documentsOf = (names: readonly string[]) => names.map((name) => documentsIn(index, data, name, depth));
  const sources = documentsOf(['source_json', 'source_policy_documents']);
  const overrides = documentsOf(['override_policy_documents', 'override_json']);
  const all = [...sources, [own], ...overrides];
  if ([...sources, ...overrides].every((documents) => documents?.length === 0)) return own;
  const statements: unknown[] = [];
  for (const documents of all) {
    if (!documents || hasUnknownSid(data)) return undefined;
    for (const text of documents) {
      const document = jsonOf(text);
      if (!isFields(document)) return undefined;
      for (const statement of [document['Statement'] ?? []].flat()) put(statement, statements);
    }
  }
  return JSON.stringify({ Version: textIn(data.values, 'version') ?? '2012-10-17', Statement: statements });
}

function put(statement: unknown, statements: unknown[]): void {
  const sid = textIn(statement, 'Sid');
  const same = sid === undefined ? -1 : statements.findIndex((each) => textIn(each, 'Sid') === sid);
  statements.splice(same === -1 ? statements.length : same, 1, statement);
}

function hasUnknownSid({ unknown }: Resource): boolean {
  return objectsIn(unknown, 'statement').some((flags: Fields) => flags['sid'] === true);
}

/** The documents of one attribute; undefined: they are not known. */
function documentsIn(index: ResourceIndex, data: Resource, name: string, depth: number): string[] | undefined {
  const flags = fieldIn(data.unknown, name);
  const values = [fieldIn(data.values, name) ?? []].flat();
  if (!hasTrue(flags)) return values.filter((value): value is string => typeof value === 'string' && value !== '');
  // How many there are is not known.
  if (flags === true && name.endsWith('documents')) return undefined;
  const expression = expressionOf(index.configuration, data, name);
  const { targets, open } = follow(index, data, expression);
  const deferred = targets.filter(({ resource }) => textIn(resource.values, 'json') === undefined);
  const isOpen = [flags].flat().map(hasTrue);
  if (open.length > 0 || deferred.length !== isOpen.filter(Boolean).length) return undefined;
  // The references of a list stand in its order, but not what inputs and outputs of modules come to.
  if (deferred.length > 1 && !referencesIn(expression).every((each) => each.startsWith('data.'))) return undefined;
  const documents = isOpen.map((isUnknown, position) => {
    if (!isUnknown) return values[position];
    const target = deferred.shift()?.resource;
    return target?.type === 'aws_iam_policy_document' ? mergedDocument(index, target, depth - 1) : undefined;
  });
  return documents.every((each) => typeof each === 'string') ? documents.filter((text) => text !== '') : undefined;
}
