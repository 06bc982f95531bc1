import type { CanaryReport } from '../../app/change/apply-canary.ts';
import { parseArn } from '../../domain/arn.ts';
import { FULL_WATCH_MINUTES } from '../../domain/canary.ts';
import type { LogStore } from '../../domain/log-store.ts';
import type { Colors } from '../colors.ts';
import type { ReportOptions } from '../format.ts';
import { counted } from '../table.ts';

/** As many log stores as a person reads; the JSON document has them all. */
const MAX_NAMES = 10;

/** Why a run skipped steps. @param result of its canary; undefined: it had none */
export function whyStopped(result: CanaryReport['result'] | undefined): string {
  switch (result) {
    case 'SILENT':
      return 'the canary fell silent';
    case 'UNKNOWN':
      return 'it is not known whether the canary keeps receiving logs';
    case 'RECEIVING':
    case 'INTERRUPTED':
    case undefined:
      return 'the run was interrupted';
  }
}

/** What became of a canary, in whole lines. */
export function canaryText(
  { result, because, minutes, stores, ...canary }: CanaryReport,
  { bold, dim, red, yellow }: Colors,
  asTyped: ReportOptions['asTyped'],
): string {
  const watched = counted(stores.length, 'log store');
  const fewer = fewerText(canary, stores.length);
  switch (result) {
    case 'RECEIVING': {
      const unconfirmed = stores.filter(({ isConfirmedByStreams }) => !isConfirmedByStreams).map(({ store }) => store);
      const note = `only the metric shows this for ${named(unconfirmed)}; AWS updates log streams up to an hour late`;
      const line = `canary: ${watched}${fewer} kept receiving logs for ${watchTime(minutes)}\n`;
      return unconfirmed.length === 0 ? line : `${line}${yellow('note:')} ${note}\n`;
    }
    case 'SILENT': {
      const silent = stores.filter(({ state }) => state === 'SILENT');
      const lines = silent.slice(0, MAX_NAMES).map(({ store, silentSince, eventsPerMinuteBefore }) => {
        const rate = `${rateText(eventsPerMinuteBefore)} before its change`;
        return `${red(`canary: ${store.name} in ${store.region} is silent since ${silentSince}`)} (${rate})\n`;
      });
      const others = silent.length > MAX_NAMES ? dim(`… and ${silent.length - MAX_NAMES} more\n`) : '';
      const [first] = silent;
      const { account } = first?.store ?? {};
      const where = account === parseArn(first?.toKeyArn ?? '')?.account ? '' : ` --account ${account}`;
      const onKey = `--key ${first?.toKeyArn} --region ${first?.store.region}${where}`;
      const repair = `logseal key repair --readers-and-writers ${onKey}`;
      const check = `logseal key check ${onKey} --log-group ${first?.store.name}`;
      const fix = 'let whoever writes to it use the key through CloudWatch Logs';
      const commands = `  for all principals of the account:\n    ${repair}\n  what is known of the writer:\n    ${check}\n`;
      return `${lines.join('')}${others}  ${bold('fix:')} ${fix}\n${asTyped(commands)}`;
    }
    case 'UNKNOWN':
      return `${red(`canary: whether ${watched}${fewer} ${stores.length === 1 ? 'keeps' : 'keep'} receiving logs is not known`)}: ${because}; nothing more was changed\n`;
    case 'INTERRUPTED':
      return `${yellow(`canary: the watch over ${watched}${fewer} was interrupted`)}\n`;
  }
}

/** Why fewer log stores were watched than asked for; empty: as many were. */
function fewerText({ asked, chosen }: Pick<CanaryReport, 'asked' | 'chosen'>, watched: number): string {
  if (watched >= asked) return '';
  const why = [
    chosen < asked &&
      `only ${chosen.toLocaleString('en')} of those to seal ${chosen === 1 ? 'was' : 'were'} receiving logs`,
    watched < chosen && `${(chosen - watched).toLocaleString('en')} could not be sealed`,
  ].filter(Boolean);
  return ` (${asked.toLocaleString('en')} were asked for: ${why.join(', and ')})`;
}

function rateText(perMinute: number): string {
  return `${perMinute.toLocaleString('en', { maximumSignificantDigits: 3 })} events a minute in the hour`;
}

/** How long a watch of so many minutes takes. */
export function watchTime(minutes: number): string {
  if (minutes >= FULL_WATCH_MINUTES) return `${minutes} minutes`;
  return `about ${FULL_WATCH_MINUTES} minutes (${minutes} were asked for, and the metric is not complete before)`;
}

/** The names of log stores, as many as a person reads. */
export function named(stores: readonly LogStore[]): string {
  const shown = stores.slice(0, MAX_NAMES).map(({ name }) => name);
  return `${shown.join(', ')}${stores.length > MAX_NAMES ? ` and ${stores.length - MAX_NAMES} more` : ''}`;
}
