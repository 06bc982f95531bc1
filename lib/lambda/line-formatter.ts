import { LogFormatter, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';

/** The most bytes that a line of the functions' logs has, so that no message from outside can fill them. */
export const LONGEST_LINE_BYTES = 4096;

/** What is kept of a line that is too long, step by step: the bytes of each text, and the entries of each list or object. */
const CUTS = [
  { bytes: 1000, entries: 40 },
  { bytes: 400, entries: 30 },
  { bytes: 100, entries: 25 },
  { bytes: 50, entries: 20 },
] as const;

/** Formats each line as one JSON object of at most LONGEST_LINE_BYTES. Texts are cut where they would be longer. */
export class LineFormatter extends LogFormatter {
  formatAttributes(attributes: UnformattedAttributes, more: LogAttributes): LogItem {
    const { lambdaContext } = attributes;
    const about: LogAttributes = {
      level: attributes.logLevel,
      message: attributes.message,
      timestamp: this.formatTimestamp(attributes.timestamp),
      service: attributes.serviceName,
      cold_start: lambdaContext?.coldStart,
      function_name: lambdaContext?.functionName,
      function_request_id: lambdaContext?.awsRequestId,
      xray_trace_id: attributes.xRayTraceId,
    };
    return new LogItem({ attributes: this.#bounded({ ...about, ...more }) });
  }

  #bounded(line: LogAttributes): LogAttributes {
    let bounded = this.#cut(line, { bytes: Number.POSITIVE_INFINITY, entries: Number.POSITIVE_INFINITY });
    for (const cut of CUTS) {
      if (bytesOf(bounded) <= LONGEST_LINE_BYTES) break;
      bounded = { ...(this.#cut(line, cut) as LogAttributes), cut: true };
    }
    if (bytesOf(bounded) <= LONGEST_LINE_BYTES) return bounded as LogAttributes;
    // Many short entries within each other are as long as a long text.
    const { level, message, timestamp, function_request_id } = line;
    return this.#cut({ level, message, timestamp, function_request_id, cut: true }, CUTS[1]) as LogAttributes;
  }

  #cut(value: unknown, cut: { readonly bytes: number; readonly entries: number }): unknown {
    if (typeof value === 'string') return cutText(value, cut.bytes);
    if (value instanceof Error) return this.#cut(this.formatError(value), cut);
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.slice(0, cut.entries).map((item) => this.#cut(item, cut));
    const entries = Object.entries(value).slice(0, cut.entries);
    return Object.fromEntries(entries.map(([name, item]) => [cutText(name, cut.bytes), this.#cut(item, cut)]));
  }
}

/** The beginning of a text whose JSON has at most so many bytes, with a mark where something is missing. */
function cutText(text: string, bytes: number): string {
  if (text.length * 6 <= bytes || bytesOf(text) <= bytes) return text;
  let kept = text.slice(0, bytes);
  while (bytesOf(kept) > bytes - 3) kept = kept.slice(0, Math.floor(kept.length * 0.9));
  return `${kept}…`;
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}
