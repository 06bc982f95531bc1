import type { EventRecord } from '../../../sandbox/state.ts';
import type { Evidence, StackEvidence, WrittenEntry } from '../evidence.ts';
import type { History } from '../history.ts';

/** What an invariant is checked against: one stack of a run. */
export interface Checked {
  readonly evidence: Evidence;
  readonly history: History;
  readonly stack: StackEvidence;
}

/** @returns what violates it; nothing where it holds */
export type Invariant = (checked: Checked) => string[];

/** The longest that a function runs, and what its clock may be off; so long it may use what it read of a key. */
export const INVOCATION_MS = 330_000;

/** What an event of the bus says, as far as the invariants read it. */
export interface Detail {
  readonly runId: string;
  readonly region: string;
  readonly name: string;
  readonly status: string;
  readonly keyArn: string | null;
  readonly reasons: readonly { readonly code: string }[];
  readonly outcome: string;
  readonly toKeyArn: string | null;
  readonly store: { readonly region: string; readonly name: string; readonly arn: string; readonly type: string };
  readonly counts: Readonly<Record<'stores' | 'compliant' | 'nonCompliant' | 'exempt' | 'unknown', number>>;
}

export interface Seen {
  /** Its place among all events of the bus. */
  readonly index: number;
  /** Within a second: events have no finer time. */
  readonly atMs: number;
  readonly detail: Detail;
  /** `REGION NAME` of the log group that it is about. */
  readonly store: string;
}

/** The events of one type that a stack's functions sent, in their order. */
export function eventsOf({ events }: StackEvidence, detailType: string): Seen[] {
  return events.flatMap((event: EventRecord, index) => {
    if (event.source !== 'logseal' || event['detail-type'] !== detailType) return [];
    const detail = event.detail as Detail;
    const { region, name } = detail.store ?? detail;
    return [{ index, atMs: Date.parse(event.time), detail, store: `${region} ${name}` }];
  });
}

/** Whether the configuration of a stack exempts a log group. */
export function isExempt({ exempt }: StackEvidence, store: string): boolean {
  return exempt !== null && (store.split(' ')[1] ?? '').startsWith(exempt);
}

/** An outcome after which nothing more is tried. */
export function isFinal({ outcome }: Detail): boolean {
  return outcome === 'SEALED' || outcome === 'UNCHANGED' || outcome === 'REFUSED';
}

/** Whether a message about a log group is in a queue or a dead-letter queue. */
export function isWaiting({ waiting }: StackEvidence, store: string): boolean {
  const [region = '', name = ''] = store.split(' ');
  return waiting.some((body) => body.includes(JSON.stringify(name)) && body.includes(JSON.stringify(region)));
}

/** `REGION NAME` of the log group of an entry. */
export function storeOfEntry({ store }: WrittenEntry): string {
  return `${store.region} ${store.name}`;
}
