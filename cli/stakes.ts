import type { Canary } from '../lib/app/change/apply-canary.ts';
import type { Step } from '../lib/domain/plan-step.ts';
import { counted } from '../lib/report/table.ts';

/** An alias leads to one key in each Region; Logstores may be fixed to many. */
const MAX_KEYS = 5;

/**
 * What is at stake, in lines above the question, which names account, Regions and number: the keys, how many log stores are
 * receiving logs, and how to take it all back.
 * @param seals the steps that seal
 * @param configured the key as the user named it
 * @param canary null: nobody has asked which log stores are receiving logs
 */
export function stakesText(seals: readonly Step[], configured: string, canary: Canary | null, undo: string): string {
  const keys = [...new Set(seals.flatMap(({ toKeyArn }) => toKeyArn ?? []))];
  const arns = keys.slice(0, MAX_KEYS).join(', ');
  const others = keys.length > MAX_KEYS ? ` and ${keys.length - MAX_KEYS} more` : '';
  const key = keys.every((arn) => arn === configured) ? configured : `${configured}: ${arns}${others}`;
  const lines = [`The key is ${key}`, `To take it back: ${undo}`];
  if (canary) lines.splice(1, 0, canaryLine(seals.length, canary));
  return `${lines.join('\n')}\n`;
}

function canaryLine(count: number, { receiving, stores, minutes }: Canary): string {
  const first = stores.length === 1 ? 'one of them is' : `${stores.length.toLocaleString('en')} of them are`;
  return `Receiving logs now: ${receiving.toLocaleString('en')} of ${counted(count, 'log store')}; ${first} sealed first, and watched for ${minutes} minutes`;
}
