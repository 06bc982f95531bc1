import { type Clock, realClock } from './clock.ts';

/** Requests per second by call (`logs:AssociateKmsKey`), in each account and Region. Other calls have no quota. */
export type Quotas = Readonly<Record<string, number>>;

/** AWS's defaults for the calls logseal makes ("CloudWatch Logs quotas"; "AWS KMS request quotas"). */
const AWS_QUOTAS: Quotas = {
  'logs:DescribeLogGroups': 10,
  'logs:AssociateKmsKey': 5,
  'logs:DisassociateKmsKey': 5,
  'kms:DescribeKey': 2000,
  'kms:GetKeyPolicy': 1000,
  'kms:ListAliases': 500,
  'kms:PutKeyPolicy': 15,
};

/** Token buckets that hold one second of tokens. This is an assumption: AWS does not publish its bursts. */
export type QuotaKeeper = ReturnType<typeof createQuotaKeeper>;

/** All buckets are full at first. */
export function createQuotaKeeper(given: Quotas | 'aws', clock: Clock = realClock) {
  const quotas = given === 'aws' ? AWS_QUOTAS : given;
  const buckets = new Map<string, { tokens: number; filledAtMs: number }>();
  /** @returns false when the call is over its quota */
  return function take(place: string, call: string): boolean {
    const perSecond = quotas[call];
    if (perSecond === undefined) return true;
    const nowMs = clock.nowMs();
    const { tokens, filledAtMs } = buckets.get(`${place} ${call}`) ?? { tokens: perSecond, filledAtMs: nowMs };
    const filled = Math.min(perSecond, tokens + ((nowMs - filledAtMs) / 1000) * perSecond);
    buckets.set(`${place} ${call}`, { tokens: filled < 1 ? filled : filled - 1, filledAtMs: nowMs });
    return filled >= 1;
  };
}
