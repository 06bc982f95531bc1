import { readFileSync } from 'node:fs';
import { isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import { UsageError } from '../../lib/errors.ts';

/**
 * The template as CloudFormation's JSON would write it: `!Sub x` becomes `{ 'Fn::Sub': 'x' }`, whatever the tag.
 * @throws UsageError that lists every mistake of its YAML
 */
export function readDocument(path: string): unknown {
  const document = parseDocument(readFileSync(path, 'utf8'), { logLevel: 'error' });
  if (document.errors.length) throw new UsageError(document.errors.map(({ message }) => `${path}: ${message}`));
  function toValue(node: unknown): unknown {
    if (isAlias(node)) return toValue(node.resolve(document));
    const tag = (node as Node | null)?.tag ?? '';
    return tag.startsWith('!') ? intrinsic(tag.slice(1), untagged(node)) : untagged(node);
  }
  function untagged(node: unknown): unknown {
    if (isMap(node)) return Object.fromEntries(node.items.map(({ key, value }) => [String(key), toValue(value)]));
    if (isSeq(node)) return node.items.map(toValue);
    return isScalar(node) ? node.value : null;
  }
  return toValue(document.contents);
}

function intrinsic(name: string, value: unknown): unknown {
  if (name === 'Ref' || name === 'Condition') return { [name]: value };
  if (name === 'GetAtt' && typeof value === 'string') return { 'Fn::GetAtt': value.split('.') };
  return { [`Fn::${name}`]: value };
}
