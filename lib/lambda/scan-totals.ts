import type { EventBus, ScanTable } from '../app/ports.ts';
import type { FunctionConfig } from '../config/functions.ts';
import { addKnown, type Matches } from '../domain/exemption-matches.ts';
import { type ExemptionNotice, type ExemptionUse, exemptionUses } from '../domain/exemption-use.ts';
import { type Target, targetKey, targetOf } from '../domain/target.ts';
import { asError, CloudError } from '../errors.ts';
import { EXEMPTIONS_PER_EVENT } from '../pacing.ts';
import type { CurrentConfiguration } from './config-reader.ts';

/**
 * What the last complete scans of the configured Regions found together. null: nothing to report. An alarm keeps the highest of what
 * is reported within its period, so a Region in which all is well again does not repeat what another one reported before: that one's
 * own scan does.
 */
export interface ScanTotals {
  readonly critical: number | null;
  /** The number of Regions in which the configured key cannot be used, or one that a key rule names for an open log store. */
  readonly keysUnusable: number | null;
}

/** How many exemptions of the configuration have a notice. `unmatched` null: some Region was not scanned under all of them. */
export interface ExemptionTotals {
  readonly expired: number;
  readonly endingSoon: number;
  readonly unmatched: number | null;
}

export interface TotalsWork {
  readonly config: FunctionConfig;
  readonly bus: EventBus;
  readonly scans: ScanTable;
  readonly clock: () => Date;
  /** Is called after each complete scan of a target. */
  readonly onTotals: (totals: ScanTotals) => void;
  /** Is called after each complete scan of a target under a configuration. */
  readonly onExemptions: (totals: ExemptionTotals, noticed: readonly ExemptionUse[], runId: string) => void;
  /** Is called for what persists although no event has failed often: scans of a target go on failing, or totals cannot be reported. */
  readonly onFailedAgain: () => void;
  /** Is called with a failure after which the work goes on, and with what it means. */
  readonly onError: (error: Error, meaning: string) => void;
}

/** Reports what is known after a complete scan of a target. @param current what it went by */
export async function reportTotals(
  target: Target,
  { runId, current }: { readonly runId: string; readonly current: CurrentConfiguration | null },
  work: TotalsWork,
): Promise<void> {
  const { config, scans, onTotals, onError, onFailedAgain } = work;
  const hasExemptions = current?.status === 'READ' && current.configuration.exemptions.length > 0;
  const states = await scans.states({ matches: hasExemptions }).catch((error: unknown) => {
    if (!(error instanceof CloudError)) throw error;
    // The scan itself is done.
    onError(error, 'the alarms on CRITICAL findings and on the configured key learn nothing of this scan');
    if (!error.isTransient) onFailedAgain();
    return null;
  });
  const stateIn = (region: string) => states?.get(targetKey({ ...target, region }));
  if (current?.status === 'READ') {
    const known = config.regions.map((region) => stateIn(region)?.matches ?? NOTHING_KNOWN);
    await reportExemptions(target, known.reduce(addKnown), { runId, current }, work);
  }
  const own = stateIn(target.region);
  if (!own) return;
  const configured = config.regions.flatMap((region) => stateIn(region) ?? []);
  const critical = configured.reduce((sum, state) => sum + state.critical, 0);
  const keysUnusable = configured.filter(({ keyUnusable }) => keyUnusable).length;
  onTotals({
    critical: critical === 0 || own.critical > 0 ? critical : null,
    keysUnusable: keysUnusable === 0 || own.keyUnusable ? keysUnusable : null,
  });
}

const NOTHING_KNOWN: Matches = new Map();

async function reportExemptions(
  target: Target,
  matches: Matches,
  { runId, current }: { readonly runId: string; readonly current: CurrentConfiguration },
  { config, bus, clock, onExemptions, onError }: TotalsWork,
): Promise<void> {
  const { exemptions } = current.configuration;
  const targets = config.regions.map((region) => ({ ...targetOf(target), region }));
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
