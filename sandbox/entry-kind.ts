/**
 * Faults that hit single entries of a request instead of all of it. `partial` and `partial-throttle` make entries of
 * PutEvents fail, `duplicate` delivers them twice, `late` after `latencyMs`. Messages of `sqs:ReceiveMessage` that are hit by
 * `duplicate` are received twice.
 */
export const ENTRY_KINDS = ['partial', 'partial-throttle', 'duplicate', 'late'] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];
