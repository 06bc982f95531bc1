import { earlierLogsWarnings } from '../../domain/earlier-logs.ts';
import { type Resolution, refusedChange, resolutionOf, settled } from '../../domain/evaluation.ts';
import type { LogStore, StoreReading } from '../../domain/log-store.ts';
import { failed, type Outcome, skipped } from '../../domain/plan-step.ts';
import { writersWarnings } from '../../domain/readers-and-writers.ts';
import type { Refusal } from '../../domain/reasons.ts';
import { CloudError, OutOfTimeError } from '../../errors.ts';
import type { TargetFacts } from '../inspect-stores.ts';
import { missingOnKey } from '../key/caller-check.ts';
import { keyCache } from '../key/key-cache.ts';
import type { Cloud, StoreJournal } from '../ports.ts';
import { tagsNow } from '../store-tags.ts';
import { earlierSeals } from './earlier-seals.ts';
import { evaluateStores } from './evaluate-stores.ts';
import { type ChangeOptions, executeSteps } from './execute-steps.ts';
import { journalFailure } from './journal-failure.ts';
import { journalOfRun } from './journal-of-run.ts';
import { readAfterRun } from './read-after-run.ts';
import { askedOnce, type ChangedBy, flappingCheck, refuseFlapping } from './refuse-flapping.ts';
import { type RemediationReport, reporting } from './remediation-report.ts';

export interface RemediateOptions extends Omit<ChangeOptions, 'onOutcome' | 'onRequest'>, RemediationReport {
  /** `Audit`: only report what would be done. */
  readonly mode: 'Audit' | 'Enforce';
  readonly journal: StoreJournal;
  /**
   * Whether another attempt may have begun, so that no request is sent any more: what is known of the key may be old, and that attempt
   * would not know of the change. Default: never.
   */
  readonly isOver?: () => boolean;
  /** Default: it is not known. */
  readonly changedBy?: ChangedBy;
  /**
   * Since when an earlier run may have sealed a log store without reporting it, in milliseconds since 1970; null: none did.
   * Default: none did.
   */
  readonly triedSince?: (store: LogStore) => number | null;
}

/**
 * Reads log stores of one target again, and seals those that need it with the key that the rules name. What an event said of them
 * plays no part, except that a refusal repeats who changed a store. Reads what it changed once more at the end.
 *
 * A log store whose change cannot be journalled is not changed, and stops no other. Where it is not known what became of a
 * change there is no outcome. A later run that finds the log store sealed reports it, for the run that sealed it.
 * @returns the outcomes of this run; log stores that were not reached before `signal` was aborted have none
 * @throws CloudError when the first of them cannot be read; nothing was changed. Later ones that cannot be read are FAILED.
 */
export async function remediateStores(
  stores: readonly LogStore[],
  cloud: Cloud,
  options: RemediateOptions,
): Promise<Outcome[]> {
  const [first] = stores;
  if (!first || options.signal?.aborted) return [];
  const { rules, mode, triedSince = () => null } = options;
  const keys = keyCache(first, cloud.keys, rules);
  const facts: TargetFacts = { keys, tags: tagsNow(cloud, rules) };
  const journal = journalOfRun(options.journal);
  const report = reporting(options.runId, journal, options);
  const flapping = flappingCheck(askedOnce(journal), 'COUNTS', options.changedBy);
  const requested = new Set<string>();
  const onRequest = ({ arn }: LogStore) => {
    if (options.isOver?.()) throw new OutOfTimeError('the invocation is over');
    requested.add(arn);
  };
  const checkEarlier = earlierSeals({
    ...options,
    // Not the journal of this run, which goes on where an entry cannot be written: then a seal would be counted twice.
    journal: options.journal,
    triedSince: (store) => (mode === 'Enforce' ? triedSince(store) : null),
    // An INTENT alone changes nothing: until the request is sent, the key is the work of another run.
    isOwn: ({ arn }) => requested.has(arn),
    onStillRunning: options.onAgain,
    onSeal: async (seal) => {
      const { store, from, to } = seal.change;
      const earlier = from === null ? null : await keys.attached(from);
      const warnings = [
        ...(to === null ? [] : writersWarnings(await keys.configured(to), store)),
        ...earlierLogsWarnings(store, earlier),
      ];
      report.onEarlierSeal(seal, warnings);
    },
  });
  let wasRead = false;
  const asked = new Map<string | null, Promise<Refusal | null>>();
  /** A missing right on a log store is named by AWS itself when it refuses. */
  const refuseMissingRight = async (resolution: Resolution): Promise<Resolution> => {
    if (resolution.kind === 'SETTLED' || resolution.step.toKeyArn === null) return resolution;
    const { store, toKeyArn } = resolution.step;
    const answer = asked.get(toKeyArn) ?? keys.configured(toKeyArn).then((key) => missingOnKey(key, store, cloud));
    asked.set(toKeyArn, answer);
    const refusal = await answer;
    return refusal ? refusedChange(resolution, refusal) : resolution;
  };
  const resolve = async (some: readonly LogStore[]): Promise<Resolution[]> => {
    let readings: readonly StoreReading[];
    try {
      readings = await cloud.logStores.read(some);
    } catch (error) {
      if (!(error instanceof CloudError) || !wasRead) throw error;
      return some.map((store) => settled(failed(unread(store), error)));
    }
    wasRead = true;
    const evaluations = await evaluateStores(readings, facts, rules);
    const resolutions = await checkEarlier(evaluations.map(resolutionOf));
    const permitted = await Promise.all(resolutions.map(refuseMissingRight));
    return refuseFlapping(permitted, flapping, options.clock());
  };
  if (mode === 'Audit') {
    const outcomes = (await resolve(stores)).map(audited);
    outcomes.forEach(report.onOutcome);
    return outcomes;
  }
  const outcomes = await executeSteps(
    stores,
    {
      storeOf: (store) => store,
      resolve,
      untried: (store) => skipped(unread(store)),
      unjournalled: (step, error) => failed(step, journalFailure(error)),
    },
    cloud,
    { ...options, journal, onRequest, onOutcome: report.onOutcome },
  );
  const tried = outcomes.filter(({ outcome }) => outcome !== 'SKIPPED');
  return readAfterRun(tried, cloud.logStores, options.signal);
}

/** A log store of which nothing is known. */
export function unread(store: LogStore) {
  return { store, fromKeyArn: null, action: 'NONE', toKeyArn: null, refusal: null, warnings: [] } as const;
}

/** In Audit a change is not made, and what it would have been is reported. */
function audited(resolution: Resolution): Outcome {
  if (resolution.kind === 'SETTLED') return resolution.outcome;
  return { ...resolution.step, outcome: 'UNCHANGED', error: null };
}
