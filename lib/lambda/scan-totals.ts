import type { CloudOf, EventBus, ScanState, ScanTable } from '../app/ports.ts';
import type { FunctionConfig } from '../config/functions.ts';
import { addKnown, type Matches } from '../domain/exemption-matches.ts';
import { type ExemptionNotice, type ExemptionUse, exemptionUses } from '../domain/exemption-use.ts';
import { type Target, targetKey, targetOf, targetOfKey } from '../domain/target.ts';
import { asError, CloudError } from '../errors.ts';
import { EXEMPTIONS_PER_EVENT } from '../pacing.ts';
import type { CurrentConfiguration } from './config-reader.ts';
import { ownAccount } from './target-guard.ts';

/**
 * What the last complete scans of all targets found together. null: nothing to report. An alarm keeps the highest of what is reported
 * within its period, so a target in which all is well again does not repeat what another one reported before: that one's own scan does.
 */
export interface ScanTotals {
  readonly critical: number | null;
  /** The number of targets in which a key cannot be used that an open log store would be sealed with; without key rules the configured key. */
  readonly keysUnusable: number | null;
}

/**
 * How many exemptions of the configuration have a notice. `unmatched` null: some counted target was not scanned under all of them. With
 * an organization or all Regions only targets that were scanned before are counted, so that it may be too high until each was scanned once.
 */
export interface ExemptionTotals {
  readonly expired: number;
  readonly endingSoon: number;
  readonly unmatched: number | null;
}

export interface TotalsWork {
  readonly config: FunctionConfig;
  readonly cloudOf: CloudOf;
  readonly bus: EventBus;
  readonly scans: ScanTable;
  readonly clock: () => Date;
  /** Is called after each complete scan of a target. `keysUnusable` above 0: the key cannot be used in this one. */
  readonly onTotals: (totals: ScanTotals, target: Target) => void;
  /** Is called after each complete scan of a target under a configuration. */
  readonly onExemptions: (totals: ExemptionTotals, noticed: readonly ExemptionUse[], runId: string) => void;
  /**
   * Is called for what persists although no event has failed often: scans of a target go on failing, or totals or the organization
   * cannot be read.
   */
  readonly onFailedAgain: () => void;
  /** Is called with a failure after which the work goes on, and with what it means. */
  readonly onError: (error: Error, meaning: string) => void;
}

type States = Awaited<ReturnType<ScanTable['states']>>;

/**
 * Reads what all scans found, for several that end at the same time. Each gets a reading that begins after it asked, and no two are
 * under way: of hundreds of targets each reading is large.
 */
export function stateReader({ scans }: Pick<TotalsWork, 'scans'>): ReadStates {
  let last: Promise<unknown> = Promise.resolve();
  let next: { matches: boolean; readonly reading: Promise<States> } | null = null;
  const readNext = async (): Promise<States> => {
    await last;
    const matches = next?.matches ?? false;
    next = null;
    const reading = scans.states({ matches });
    last = reading.catch(() => {});
    return reading;
  };
  return ({ matches }) => {
    next ??= { matches, reading: readNext() };
    next.matches ||= matches;
    return next.reading;
  };
}

type ReadStates = (want: Parameters<ScanTable['states']>[0]) => Promise<States>;

/** Reports what is known after a complete scan of a target. @param current what it went by @param read reads what all scans found */
export async function reportTotals(
  target: Target,
  {
    runId,
    current,
    read,
  }: {
    readonly runId: string;
    readonly current: CurrentConfiguration | null;
    readonly read: ReadStates;
  },
  work: TotalsWork,
): Promise<void> {
  const { onTotals, onError, onFailedAgain } = work;
  const own = await ownAccount(work);
  // Those of hundreds of accounts would each report the same.
  const exemptions =
    current?.status === 'READ' && target.account === own.account ? current.configuration.exemptions : null;
  const states = await read({ matches: exemptions !== null && exemptions.length > 0 }).catch((error: unknown) => {
    if (!(error instanceof CloudError)) throw error;
    // The scan itself is done.
    onError(error, 'the alarms on CRITICAL findings and on the configured key learn nothing of this scan');
    if (!error.isTransient) onFailedAgain();
    return null;
  });
  const targets = countedTargets(states ?? NO_STATES, own.account, work.config);
  if (current && exemptions) {
    const known = targets.map((each) => states?.get(targetKey(each))?.matches ?? NOTHING_KNOWN);
    const [first = NOTHING_KNOWN, ...others] = known;
    await reportExemptions(target, others.reduce(addKnown, first), { runId, current, targets }, work);
  }
  const state = states?.get(targetKey(target));
  if (!states || !state) return;
  const counted = targets.flatMap((each) => states.get(targetKey(each)) ?? []);
  const critical = counted.reduce((sum, one) => sum + one.critical, 0);
  const keysUnusable = counted.filter(({ keyUnusable }) => keyUnusable).length;
  const totals = {
    critical: critical === 0 || state.critical > 0 ? critical : null,
    keysUnusable: keysUnusable === 0 || state.keyUnusable ? keysUnusable : null,
  };
  onTotals(totals, target);
}

const NO_STATES: States = new Map<string, ScanState>();
const NOTHING_KNOWN: Matches = new Map();

/** The configured targets. Where they are not listed in the configuration, those that were scanned so far. */
function countedTargets(states: States, ownAccount: string, { members, regions }: FunctionConfig): Target[] {
  const accounts = [ownAccount, ...(members?.accounts ?? [])];
  if (regions && !members?.organization) {
    return accounts.flatMap((account) => regions.map((region) => ({ provider: 'aws', account, region }) as const));
  }
  return [...states.keys()]
    .map(targetOfKey)
    .filter(({ account }) => members?.organization || accounts.includes(account))
    .filter(({ region }) => !regions || regions.includes(region));
}

async function reportExemptions(
  target: Target,
  matches: Matches,
  {
    runId,
    current,
    targets,
  }: { readonly runId: string; readonly current: CurrentConfiguration; readonly targets: readonly Target[] },
  { config, bus, clock, onExemptions, onError }: TotalsWork,
): Promise<void> {
  const { exemptions } = current.configuration;
  const uses = exemptionUses({ exemptions }, matches, { targets, queryResults: config.queryResults }, clock());
  const noticed = uses.filter(({ notices }) => notices.length > 0);
  const count = (notice: ExemptionNotice) => noticed.filter(({ notices }) => notices.includes(notice)).length;
  const isKnown = exemptions.every(({ id }) => matches.has(id));
  const unmatched = isKnown ? count('UNMATCHED') : null;
  onExemptions({ expired: count('EXPIRED'), endingSoon: count('ENDS_SOON'), unmatched }, noticed, runId);
  const details = Array.from({ length: Math.ceil(noticed.length / EXEMPTIONS_PER_EVENT) }, (_, index) => {
    const some = noticed.slice(index * EXEMPTIONS_PER_EVENT, (index + 1) * EXEMPTIONS_PER_EVENT);
    return { schema: 'logseal/exemptions-reported/1', runId, ...targetOf(target), exemptions: some };
  });
  if (details.length === 0) return;
  const events = details.map((detail) => ({ detailType: 'Exemptions Reported', detail }) as const);
  await bus.send(events).catch((error: unknown) => {
    onError(
      asError(error),
      'no event tells of the exemptions that somebody should know of; the next scan sends them again',
    );
  });
}
