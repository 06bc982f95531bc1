import type { MadeCall } from '../../../sandbox/dispatch.ts';
import type { StackEvidence } from '../evidence.ts';
import { storeIn } from '../history.ts';
import { eventsOf, type Invariant, isFinal, isWaiting, storeOfEntry } from './invariant.ts';
import { sealsOf } from './sealing.ts';

/** After each finding comes an outcome that is final, or its message is in a queue or a dead-letter queue. */
export const everyFindingHasAnOutcome: Invariant = ({ stack }) => {
  const outcomes = eventsOf(stack, 'Remediation Outcome').filter(({ detail }) => isFinal(detail));
  const lastOutcome = new Map(outcomes.map(({ store, index }) => [store, index]));
  const lastFinding = new Map(eventsOf(stack, 'Log Store Finding').map(({ store, index }) => [store, index]));
  return [...lastFinding]
    .filter(([store, index]) => (lastOutcome.get(store) ?? -1) < index && !isWaiting(stack, store))
    .map(([store]) => `${store} was flagged, and nothing became of it`);
};

/** Several final outcomes of one log group in one run say the same. */
export const outcomesAgree: Invariant = ({ stack }) => {
  const final = eventsOf(stack, 'Remediation Outcome').filter(({ detail }) => isFinal(detail));
  const groups = Map.groupBy(final, ({ detail, store }) => `${store} in run ${detail.runId}`);
  return [...groups].flatMap(([what, some]) => {
    const said = new Set(some.map(({ detail }) => `${detail.outcome} ${detail.toKeyArn}`));
    return said.size > 1 ? [`${what} has the outcomes ${[...said].join(' and ')}`] : [];
  });
};

/** Whatever is reported as SEALED has an INTENT of its run, and had the key by then. */
export const sealedIsTrue: Invariant = (checked) => {
  const { evidence, history, stack } = checked;
  return eventsOf(stack, 'Remediation Outcome')
    .filter(({ detail }) => detail.outcome === 'SEALED')
    .flatMap(({ detail, store, atMs }) => {
      const { runId, toKeyArn } = detail;
      const isWritten = stack.journal.some(
        (entry) => entry.phase === 'INTENT' && entry.runId === runId && storeOfEntry(entry) === store,
      );
      if (!isWritten) return [`${store} is SEALED in run ${runId}, which has no INTENT of it`];
      const had = history.keysOf(store, evidence.start.atMs, atMs + 1000).includes(toKeyArn);
      return had ? [] : [`${store} is SEALED in run ${runId}, but never had ${toKeyArn}`];
    });
};

/**
 * Whatever was sealed is reported as SEALED, or its message is in a queue or a dead-letter queue. Where a function died before the
 * journal had the DONE entry, and somebody else then changed the log group, no later attempt can know it: it reports what is there.
 * Until then, other messages about the log group may have had outcomes, so any change up to its last outcome counts.
 */
export const everySealIsReported: Invariant = (checked) => {
  const { evidence, history, stack } = checked;
  const outcomes = eventsOf(stack, 'Remediation Outcome').filter(({ detail }) => isFinal(detail));
  const sealed = outcomes.filter(({ detail }) => detail.outcome === 'SEALED');
  const isOverwritten = (store: string, atMs: number) => {
    const last = outcomes.findLast((one) => one.store === store && one.atMs >= atMs);
    return evidence.calls.some(
      (call) =>
        /^logs:(DeleteLogGroup|AssociateKmsKey|DisassociateKmsKey)$/.test(call.name) &&
        call.actingAs !== stack.remediateActor &&
        storeIn(call.region, call.input) === store &&
        call.atMs > atMs &&
        call.atMs < (last?.atMs ?? Number.POSITIVE_INFINITY) + 1000,
    );
  };
  return sealsOf(checked).flatMap((seal) => {
    const { region, input, atMs } = seal;
    const store = storeIn(region, input) ?? '';
    // The same key once more changed nothing.
    if (history.keyBefore(store, atMs) === input['kmsKeyId']) return [];
    const isReported = sealed.some((one) => one.store === store && one.atMs + 1000 >= atMs);
    return isReported || isWaiting(stack, store) || (!isWrittenAsDone(seal, stack) && isOverwritten(store, atMs))
      ? []
      : [`${store} was sealed, and no outcome says so`];
  });
};

/** Whether the journal has the DONE entry of a seal: of the run whose INTENT came right before it. */
function isWrittenAsDone({ region, input, cameAtMs }: MadeCall, { journal }: StackEvidence): boolean {
  const entries = journal.filter((entry) => storeOfEntry(entry) === storeIn(region, input));
  const before = entries.filter(({ phase, writtenAtMs }) => phase === 'INTENT' && writtenAtMs <= cameAtMs);
  const [intent] = before.toSorted((a, b) => b.writtenAtMs - a.writtenAtMs);
  return entries.some(({ phase, runId }) => phase === 'DONE' && runId === intent?.runId);
}
