import type { Canary } from '../lib/app/change/apply-canary.ts';
import type { Cloud, CloudOf } from '../lib/app/ports.ts';
import type { Step } from '../lib/domain/plan-step.ts';
import { CloudError } from '../lib/errors.ts';
import type { PlanTotals } from '../lib/report/documents.ts';
import { counted } from '../lib/report/table.ts';
import { watchTime } from '../lib/report/tables/canary.ts';

/** An alias leads to one key in each Region, a key may have many aliases, and Logstores may be fixed to many keys. */
const MAX_ARNS = 5;

/**
 * What is at stake, in lines above the question, which names account, Regions and number: the keys with their aliases, how many log
 * stores are receiving logs, and how to take it all back.
 * @param seals the steps that seal
 * @param configured the key as the user named it, and whether a healthy key is replaced by it too
 * @param canary null: nobody has asked which log stores are receiving logs
 */
export async function stakesText(
  seals: readonly Step[],
  { configured, rules = [], required: isRequired }: PlanTotals['key'],
  canary: Canary | null,
  undo: string,
  cloudOf: CloudOf,
): Promise<string> {
  const keys = [...new Set(seals.flatMap(({ toKeyArn }) => toKeyArn ?? []))];
  const [first] = seals;
  const isNamedByArn = first !== undefined && configured !== null && keys.every((arn) => arn === configured);
  const named = [
    ...new Set(seals.map(({ keyRule }) => (keyRule === undefined ? configured : rules[keyRule]) ?? 'a key rule')),
  ];
  const key = isNamedByArn
    ? `${configured}${await aliasesText(configured, cloudOf(first.store))}`
    : `${listOf(named)}: ${listOf(keys)}`;
  const replaced = seals.filter(({ fromKeyArn, toKeyArn }) => fromKeyArn !== null && fromKeyArn !== toKeyArn).length;
  const lines = [
    `${named.length > 1 ? 'The keys are' : 'The key is'} ${key}`,
    ...(replaced > 0 ? [replacedLine(replaced, isRequired)] : []),
    ...(canary ? [canaryLine(seals.length, canary)] : []),
    `To take it back: ${undo}`,
    ...(replaced > 0
      ? ['Undo cannot attach an earlier key again that does not work: such a log store then keeps the new key']
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

function replacedLine(count: number, isRequired: boolean): string {
  const have = count === 1 ? '1 of them has' : `${count.toLocaleString('en')} of them have`;
  return `${have} another key now, which ${isRequired ? 'is replaced even if it is healthy' : 'is not compliant and is replaced'}`;
}

/** Follows the ARN of a key. Whoever may seal need not have the right to list aliases. */
async function aliasesText(keyArn: string, { keys }: Cloud): Promise<string> {
  if (!keys.aliases) return '';
  try {
    const aliases = await keys.aliases(keyArn);
    return aliases.length === 0 ? ', which has no alias' : `, alias ${listOf(aliases)}`;
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    return ` (its aliases are not known: ${error.code}, ${error.call})`;
  }
}

function listOf(arns: readonly string[]): string {
  const others = arns.length > MAX_ARNS ? ` and ${arns.length - MAX_ARNS} more` : '';
  return `${arns.slice(0, MAX_ARNS).join(', ')}${others}`;
}

function canaryLine(count: number, { receiving, stores, minutes }: Canary): string {
  const first = stores.length === 1 ? 'one of them is' : `${stores.length.toLocaleString('en')} of them are`;
  return `Receiving logs now: ${receiving.toLocaleString('en')} of ${counted(count, 'log store')}; ${first} sealed first, and watched for ${watchTime(minutes)}`;
}
