import { withoutByteOrderMark } from '../lib/domain/key-policy/json-text.ts';

/**
 * The text of a policy file. A byte order mark is kept before UTF-8, because KMS would be given it; in UTF-16, which is
 * converted, it belongs to the encoding.
 * @returns undefined for bytes that are neither
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes;
  const isLittleEndian = first === 0xff && second === 0xfe;
  const isBigEndian = first === 0xfe && second === 0xff;
  const encoding = isLittleEndian ? 'utf-16le' : isBigEndian ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: encoding === 'utf-8' }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** A policy inside `{"Policy": …}` inside a string, encoded twice, has four. */
const MAX_LAYERS = 4;

/**
 * The policy in what `aws kms get-key-policy` prints: `{"Policy": "…"}`, with the policy encoded twice or not at all, or
 * the bare string that jq leaves of it. The policy stays as it is written, duplicate fields and numbers included. Any
 * other text is returned as it is. Never throws.
 */
export function unwrapPolicy(text: string): string {
  let policy = text;
  for (let layer = 0; layer < MAX_LAYERS; layer++) {
    const inner = unwrapOnce(policy);
    if (inner === undefined) return policy;
    policy = inner;
  }
  return policy;
}

function unwrapOnce(text: string): string | undefined {
  const json = withoutByteOrderMark(text);
  const document = parseOrUndefined(json);
  if (typeof document === 'string') return document;
  if (typeof document !== 'object' || document === null || !('Policy' in document) || 'Statement' in document) {
    return undefined;
  }
  return sourceOfPolicy(json);
}

function parseOrUndefined(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/**
 * The value of the last field `Policy` of a JSON object, cut out: to parse it and write it again would drop the first of two
 * fields with the same name.
 */
function sourceOfPolicy(json: string): string {
  let depth = 0;
  let lastString = '""';
  let field = '';
  let valueStart = 0;
  let policy = '';
  for (const { 0: token, index } of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/g)) {
    if (depth === 1) {
      if (token.startsWith('"')) lastString = token;
      if (token === ':') {
        field = JSON.parse(lastString);
        valueStart = index + 1;
      }
      if ((token === ',' || token === '}') && field === 'Policy') policy = json.slice(valueStart, index);
    }
    if (token === '{' || token === '[') depth++;
    if (token === '}' || token === ']') depth--;
  }
  return policy.trim();
}
