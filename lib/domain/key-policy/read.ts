import type { Statement } from './parse.ts';
import { parseKeyPolicy } from './parse.ts';
import { publicStatement } from './public.ts';
import type { LogsService } from './service-call.ts';
import { type BoundPolicy, bind } from './statement.ts';

/** A key policy as it is evaluated. It is parsed once for each key, however many log stores are under that key. */
export type ReadPolicy = WellFormedPolicy | MalformedPolicy;

export interface WellFormedPolicy extends BoundPolicy {
  readonly status: 'READ';
  readonly text: string;
  /** The first Allow to everybody that no condition narrows. */
  readonly publicStatement: Statement | null;
}

export interface MalformedPolicy {
  readonly status: 'MALFORMED';
  readonly text: string;
  readonly service: LogsService;
  /** Every mistake, with its place in the document. */
  readonly mistakes: readonly string[];
}

/** Parses the text of a key's policy. Never throws. */
export function readKeyPolicy(text: string, service: LogsService): ReadPolicy {
  const parsed = parseKeyPolicy(text);
  return parsed.ok
    ? {
        status: 'READ',
        text,
        ...bind(parsed.policy, service),
        publicStatement: publicStatement(parsed.policy, service.keyArn),
      }
    : { status: 'MALFORMED', text, service, mistakes: parsed.mistakes };
}
