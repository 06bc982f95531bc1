import { readFileSync } from 'node:fs';
import { isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import { UsageError } from '../../lib/errors.ts';

/**
 * Reads a template into the form of CloudFormation's JSON: `!Sub x` becomes `{ 'Fn::Sub': 'x' }`, likewise any other tag.
 * @throws UsageError that lists every mistake of its YAML
 */
export function readDocument(path: string): unknown {
  const document = parseDocument(readFileSync(path, 'utf8'), { logLevel: 'error' });
  if (document.errors.length) throw new UsageError(document.errors.map(({ message }) => `${path}: ${message}`));
  function toValue(node: unknown): unknown {
    if (isAlias(node)) return toValue(node.resolve(document));
    const value = untagged(node);
    const tag = (node as Node | null)?.tag ?? '';
    if (!tag.startsWith('!')) return value;
    if (tag === '!Ref' || tag === '!Condition') return { [tag.slice(1)]: value };
    return { [`Fn::${tag.slice(1)}`]: tag === '!GetAtt' ? String(value).split('.') : value };
  }
  function untagged(node: unknown): unknown {
    if (isMap(node)) return Object.fromEntries(node.items.map(({ key, value }) => [String(key), toValue(value)]));
    if (isSeq(node)) return node.items.map(toValue);
    return isScalar(node) ? node.value : null;
  }
  return toValue(document.contents);
}
