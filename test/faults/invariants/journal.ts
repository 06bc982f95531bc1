import { storeIn } from '../history.ts';
import { type Invariant, storeOfEntry } from './invariant.ts';
import { sealsOf } from './sealing.ts';

/** Every change was written down before it was made, and no entry says that it failed. */
export const journalExplainsEveryChange: Invariant = (checked) => {
  const { journal } = checked.stack;
  return sealsOf(checked).flatMap((seal) => {
    const store = storeIn(seal.region, seal.input);
    // Where the answer is lost, and somebody deletes the log group before the request is repeated, it failed as far as anybody can know.
    const isDeleted = (name: string | undefined, fromMs: number, toMs: number) =>
      checked.evidence.calls.some(
        (call) =>
          call.name === 'logs:DeleteLogGroup' &&
          storeIn(call.region, call.input) === name &&
          call.atMs >= fromMs &&
          call.atMs <= toMs,
      );
    const ofStore = journal.filter((entry) => storeOfEntry(entry) === store);
    const intents = ofStore.filter(
      ({ phase, to, writtenAtMs }) =>
        phase === 'INTENT' && to === seal.input['kmsKeyId'] && writtenAtMs <= seal.cameAtMs,
    );
    if (intents.length === 0) return [`${store} was sealed, and the journal has no INTENT`];
    const honest = intents.some(
      ({ runId }) =>
        !ofStore.some(
          (entry) =>
            entry.runId === runId && entry.phase === 'FAILED' && !isDeleted(store, seal.atMs, entry.writtenAtMs),
        ),
    );
    return honest ? [] : [`${store} was sealed, and the journal says FAILED`];
  });
};

/** An entry DONE is true: the run has an INTENT, and the log group had the key in between. */
export const journalIsTrue: Invariant = ({ history, stack }) =>
  stack.journal
    .filter(({ phase }) => phase === 'DONE')
    .flatMap((done) => {
      const store = storeOfEntry(done);
      const intent = stack.journal.find(
        (entry) => entry.phase === 'INTENT' && entry.runId === done.runId && storeOfEntry(entry) === store,
      );
      if (!intent) return [`${store} is DONE in run ${done.runId}, without an INTENT`];
      const had = history.keysOf(store, intent.writtenAtMs, done.writtenAtMs);
      return had.includes(done.to) ? [] : [`${store} is DONE in run ${done.runId}, but never had ${done.to}`];
    });
