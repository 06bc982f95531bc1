import { type Canary, type CanaryRun, prepareCanary } from '../lib/app/change/apply-canary.ts';
import type { CloudOf } from '../lib/app/ports.ts';
import type { Step } from '../lib/domain/plan-step.ts';
import { PROVIDERS } from '../lib/domain/providers/index.ts';
import type { Provider } from '../lib/domain/target.ts';
import { CloudError, UsageError } from '../lib/errors.ts';
import { counted } from '../lib/report/table.ts';
import { named, watchTime } from '../lib/report/tables/canary.ts';
import type { Arguments, OptionSpecs } from './arguments.ts';
import { confirm, placeOf } from './confirm.ts';
import type { Host } from './host.ts';

export const CANARY_OPTIONS = {
  canary: { kind: 'value', check: countMistake },
  watch: { kind: 'value', check: minutesMistake },
} as const satisfies OptionSpecs;

const DEFAULT_MINUTES = 10;
const [FEWEST_MINUTES, MOST_MINUTES] = [6, 60];

function countMistake(text: string): string | undefined {
  if (/^[1-9]\d{0,8}$/.test(text)) return undefined;
  return `expected how many log stores to seal first, a whole number from 1; got ${JSON.stringify(text)}`;
}

function minutesMistake(text: string): string | undefined {
  const minutes = Number(text);
  if (/^\d{1,3}$/.test(text) && minutes >= FEWEST_MINUTES && minutes <= MOST_MINUTES) return undefined;
  return `expected ${FEWEST_MINUTES} to ${MOST_MINUTES} minutes, got ${JSON.stringify(text)}`;
}

/** Adds the mistakes in the options of a canary. @param planned the provider of a plan in a file */
export function validateCanary(args: Arguments, planned: Provider | undefined): void {
  if (args.flag('watch') && !args.flag('canary')) args.mistakes.push('--watch: only with --canary');
  if (!args.flag('canary') || planned === undefined || PROVIDERS[planned].ownOptions.includes('canary')) return;
  args.mistakes.push(`--canary: cannot be combined with a plan of --provider ${planned}`);
}

/**
 * The canary that the options ask for; null: none, or there is nothing to seal.
 * @param seals the steps that seal
 * @throws UsageError where none of the log stores is receiving logs, or those that are have the key already
 */
export async function canaryOf(
  args: Arguments,
  seals: readonly Step[],
  cloudOf: CloudOf,
  host: Host,
): Promise<Canary | null> {
  if (!args.flag('canary') || seals.length === 0) return null;
  const asked = Number(args.value('canary'));
  const minutes = Number(args.value('watch') ?? DEFAULT_MINUTES);
  const preparing = prepareCanary(seals, cloudOf, { asked, minutes, nowMs: host.now().getTime() });
  const canary = await preparing.catch((error: unknown) => {
    if (error instanceof CloudError) host.err.write('the canary could not be chosen, and nothing was changed\n');
    throw error;
  });
  const { receiving, stores } = canary;
  const ofAll = `of the ${counted(seals.length, 'log store')} to seal`;
  const what = 'receiving logs, with events in most of the last ten minutes';
  if (receiving === 0) {
    const fix = 'run it when one of them is, name other Regions, or leave --canary out';
    throw new UsageError([`--canary: expected at least one ${ofAll} to be ${what}; got none: ${fix}`]);
  }
  const count = stores.length;
  if (count === 0) {
    const fix = 'leave --canary out, or plan again to see whether there is anything left to seal';
    throw new UsageError([`--canary: each ${ofAll} that is ${what}, has the key already: ${fix}`]);
  }
  if (count < asked && !args.flag('quiet')) {
    const are = count === 1 ? 'is' : 'are';
    const without = count < receiving ? ', without having the key already' : '';
    host.err.write(`--canary ${asked}: only ${count} ${ofAll} ${are} ${what}${without}, so the canary is ${count}\n`);
  }
  return canary;
}

/** How the command tells of the watch, and asks when it is interrupted. @param undo takes the run back later */
export function watching(
  args: Arguments,
  { minutes, stores: chosen }: Canary,
  host: Host,
  undo: string,
): Pick<CanaryRun, 'onWatch' | 'isKept'> {
  const { isTTY } = host.input;
  return {
    onWatch(stores) {
      if (args.flag('quiet')) return;
      const end = isTTY ? 'asks whether to keep them sealed' : 'puts them back';
      host.err.write(
        `The canary of ${counted(stores.length, 'log store')} is sealed: ${named(stores)}\nWatching whether logs keep coming for ${watchTime(minutes)}; an interrupt ${end}\n`,
      );
    },
    async isKept(count) {
      if (!isTTY) return false;
      host.err.write(`\nThe watch was interrupted. To take the canary back later: ${undo}\n`);
      // The first interrupt must not end the question. A second one counts as no, and must not end the command before all is put back.
      const asked = new AbortController();
      const what = `${counted(count, 'log store')} ${placeOf(chosen.map(({ store }) => store))}`;
      const question = `Keep it sealed (${what})? Anything but yes puts it back.`;
      try {
        const own = { ...host, signal: asked.signal, interrupt: () => asked.abort() };
        return await host.complete(() => confirm(question, own));
      } catch (error) {
        if (asked.signal.aborted) return false;
        throw error;
      }
    },
  };
}
