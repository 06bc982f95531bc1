import { readConfigFile } from '../../lib/config/config-file.ts';
import { noteText } from '../../lib/domain/file-note.ts';

const NOW = new Date('2026-11-28T12:00:00Z');

export function read(text: string | Uint8Array) {
  return readConfigFile(typeof text === 'string' ? Buffer.from(text) : text, NOW);
}

export function mistakesOf(text: string | Uint8Array): string[] {
  const file = read(text);
  return file.status === 'MISTAKES' ? file.mistakes.map(noteText) : [];
}

export function warningsOf(text: string): string[] {
  const file = read(text);
  return file.status === 'READ' ? file.warnings.map(noteText) : ['it has mistakes'];
}

/** A file with one exemption. @param fields as they are written; null: left out */
export function fileWith(fields: Readonly<Record<string, string | null>> = {}): string {
  const right = { id: 'vendor', match: '{ names: [/vendor/*] }', reason: 'r', owner: 'o', expires: '2027-03-31' };
  const lines = Object.entries({ ...right, ...fields }).filter(([, value]) => value !== null);
  return `schema: logseal/config/1\nexemptions:\n  - ${lines.map(([name, value]) => `${name}: ${value}`).join('\n    ')}\n`;
}

export function keyFile(key: string, match = '{ names: [/pay/*] }'): string {
  return `schema: logseal/config/1\nkeys:\n  - match: ${match}\n    key: ${key}\n`;
}

export const WHOLE = `schema: logseal/config/1
exemptions:
  - id: vendor-logs
    match: { names: ["/vendor/*"], tags: { team: data }, accounts: ["111122223333"], regions: [eu-west-1], types: [log-group] }
    reason: The vendor's agent cannot write to an encrypted group
    owner: platform@example.com
    expires: 2027-03-31
keys:                                   # the first match decides, else --key or KeyId
  - match: { names: ["/payments/*"] }
    key: alias/payments
`;
