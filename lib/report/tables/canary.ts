import type { CanaryReport } from '../../app/change/apply-canary.ts';
import type { Colors } from '../colors.ts';
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

/** What became of a canary, in whole lines. @param key as it was named */
export function canaryText(
  { result, because, minutes, asked, stores }: CanaryReport,
  key: string,
  { bold, dim, red, yellow }: Colors,
): string {
  const watched = counted(stores.length, 'log store');
  const fewer = stores.length < asked ? ` (${asked.toLocaleString('en')} were asked for)` : '';
  switch (result) {
    case 'RECEIVING': {
      const unconfirmed = stores.filter(({ isConfirmed }) => !isConfirmed).map(({ store }) => store.name);
      const note = `the metric alone shows it of ${named(unconfirmed)}: the log streams tell no event since then, which AWS updates up to an hour late`;
      const line = `canary: ${watched}${fewer} kept receiving logs for ${minutes} minutes\n`;
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
      const onKey = `--key ${key} --region ${first?.store.region}`;
      const repair = `logseal key repair --readers-and-writers ${onKey}`;
      const check = `logseal key check ${onKey} --log-group ${first?.store.name}`;
      const fix = `let those who write to it use the key through CloudWatch Logs; ${repair} lets all principals of the account, and ${check} shows what is known`;
      return `${lines.join('')}${others}  ${bold('fix:')} ${fix}\n`;
    }
    case 'UNKNOWN':
      return `${red(`canary: whether ${watched}${fewer} ${stores.length === 1 ? 'keeps' : 'keep'} receiving logs is not known`)}: ${because}\n`;
    case 'INTERRUPTED':
      return `${yellow(`canary: the watch over ${watched}${fewer} was interrupted`)}\n`;
  }
}

function rateText(perMinute: number): string {
  return `${perMinute.toLocaleString('en', { maximumSignificantDigits: 3 })} events a minute in the hour`;
}

function named(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMES).join(', ');
  return names.length > MAX_NAMES ? `${shown} and ${names.length - MAX_NAMES} more` : shown;
}
