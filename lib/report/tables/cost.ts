import type { SealingCost } from '../../app/change/sealing-cost.ts';
import { counted } from '../table.ts';

/** What sealing will take, in whole lines; empty where nothing is sealed. */
export function costText({ apiCalls, totalApiCalls, minutes, keys, notCounted }: SealingCost): string {
  if (totalApiCalls === 0) return '';
  const byName = Object.entries(apiCalls).map(([name, count]) => `${count.toLocaleString('en')} ${name}`);
  const time =
    minutes === null
      ? 'how long that takes is not known, since the service documents no quota'
      : `at least ${counted(minutes, 'minute')} by the quota of the call that seals`;
  const { count, usdPerMonth, priceAsOf } = keys;
  const price =
    usdPerMonth === null
      ? 'the list price is not known'
      : `USD ${usdPerMonth.toFixed(2)} a month at list price (of ${priceAsOf}), which a key that exists costs already`;
  return [
    `sealing takes about ${counted(totalApiCalls, 'API call')} (${byName.join(', ')}); ${time}`,
    `${counted(count, 'key')}: ${price}; not counted: ${notCounted.join(', ')}`,
    '',
  ].join('\n');
}
