import { createHash } from 'node:crypto';
import { CATALOGUE } from '../domain/catalogue.ts';
import type { Finding } from '../domain/finding.ts';
import { kindOf } from '../domain/stores/index.ts';

/** The reason that gives a finding its severity; undefined: it has none. */
export function worstReason({ reasons, severity }: Finding): Finding['reasons'][number] | undefined {
  return reasons.find((reason) => reason.severity === severity) ?? reasons[0];
}

/** The same for every finding with the same worst reason. */
export function titleOf(finding: Finding): string {
  const { serviceName, noun } = kindOf(finding);
  const worst = worstReason(finding);
  return `${serviceName} ${noun}: ${worst ? CATALOGUE[worst.code].title : withoutReason(finding)}`;
}

/** A warning changes no status, but a key whose policy may stop the service is not called healthy. */
function withoutReason({ warnings: [worst] }: Finding): string {
  return worst ? CATALOGUE[worst.code].title : 'A healthy key is attached';
}

/** All that is wrong with a log store, in one line. */
export function messageOf({ name, reasons, warnings }: Finding): string {
  if (reasons.length === 0) {
    const but = warnings.map(({ message }) => message).join('; ');
    return but === '' ? `${name} is under a healthy key` : `${name} has a key, but ${but}`;
  }
  return `${name}: ${reasons.map(({ message }) => message).join('; ')}`;
}

/** How to fix what is wrong, each fix once, in one line; empty: there is nothing to fix. */
export function fixesOf({ reasons }: Finding): string {
  return [...new Set(reasons.map(({ fix }) => fix))].join('; ');
}

/** An id that stays the same from scan to scan, and that no other thing has. @param what what it is the id of, such as an ARN */
export function stableId(what: string): string {
  return `logseal/${createHash('sha256').update(what).digest('hex')}`;
}

/** As much of the text as some bytes of UTF-8 hold; `…` at the end says that it was cut. */
export function cut(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const room = maxBytes - Buffer.byteLength(ELLIPSIS);
  // A character that does not fit whole leaves a replacement character.
  const kept = Buffer.from(text).subarray(0, room).toString('utf8');
  return `${kept.replace(/\uFFFD+$/, '')}${ELLIPSIS}`;
}

const ELLIPSIS = '…';
