import { parseArn } from './arn.ts';

/**
 * List prices, without tax and discounts. Source: https://aws.amazon.com/kms/pricing/, "Key storage": USD 1 a month, by the hour, for
 * each KMS key, each multi-Region replica included, the same in every Region of the partition `aws`. No source at hand says what a key
 * costs in China, in GovCloud, in the isolated partitions or on Alibaba Cloud.
 */
export const PRICES = {
  /** The month of the newest dated text at hand that names the price; the source itself has no date. */
  asOf: '2026-03',
  source: 'https://aws.amazon.com/kms/pricing/',
} as const;

/** By the partition of its ARN. */
const KEY_USD_PER_MONTH: Readonly<Record<string, number>> = { aws: 1 };

/** What a key costs a month, in USD; null: not known. */
export function keyUsdPerMonth(keyArn: string): number | null {
  return KEY_USD_PER_MONTH[parseArn(keyArn)?.partition ?? ''] ?? null;
}
