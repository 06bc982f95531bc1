import type { TargetReport } from '../../../lib/app/scan/scan-target.ts';
import type { ExemptionUse } from '../../../lib/domain/exemption-use.ts';
import { type Finding, findingOf } from '../../../lib/domain/finding.ts';
import { type KeyFacts, type KeyInspection, whyUnusable } from '../../../lib/domain/key.ts';
import { problem, type Reason } from '../../../lib/domain/reasons.ts';
import { keyNotFound } from '../../../lib/domain/unusable-key.ts';
import type { ScanTotals } from '../../../lib/report/documents.ts';
import { aKey, aLogGroup, anInspection, aReport } from '../../support/builders.ts';
import { scanTotals } from '../builders.ts';

/** A scan of as many log groups as are asked for, with everything that a report shows. */
export interface ScanWorld {
  readonly findings: readonly Finding[];
  readonly totals: ScanTotals;
}

interface Size {
  readonly stores: number;
  readonly accounts?: number;
  readonly regions?: number;
}

const REGIONS = [
  ...['eu-west-1', 'eu-central-1', 'us-east-1', 'us-west-2', 'ap-southeast-1', 'ap-southeast-2', 'ap-northeast-1'],
  ...['ca-central-1', 'eu-north-1', 'eu-west-2', 'eu-west-3', 'sa-east-1', 'us-east-2', 'us-west-1', 'ap-south-1'],
  ...['ap-northeast-2', 'ap-northeast-3'],
];
const TEAMS = ['orders', 'payments', 'identity', 'search', 'billing', 'catalog', 'shipping', 'support'];
const PREFIXES = ['/aws/lambda/', '/aws/ecs/', '/app/', '/aws/apigateway/', '/aws/rds/instance/', '/eks/cluster/'];
const SUFFIXES = ['api-handler', 'worker', 'stream-consumer', 'audit', 'scheduler-nightly', 'webhook-dispatcher'];

/** Log groups of a company, of which most are healthy. Every time the same. */
export function aScanWorld({ stores, accounts = 1, regions = 1 }: Size): ScanWorld {
  const places = Array.from({ length: accounts * regions }, (_, index) => ({
    account: String(111122223333 + Math.floor(index / regions) * 1_000_003),
    region: REGIONS[index % regions] ?? '',
  }));
  const targets = places.map((place, index): TargetReport => {
    const isFailed = places.length > 4 && index % 37 === 11;
    const error = { code: 'ACCESS_DENIED', message: 'not authorized to perform: logs:DescribeLogGroups' } as const;
    const caller = `arn:aws:sts::${place.account}:assumed-role/security-audit/ada`;
    return aReport({ ...place, stores: 0, caller, ...(isFailed && { status: 'FAILED', error, stores: 0 }) });
  });
  const usable = targets.filter(({ status }) => status === 'COMPLETE');
  const counts = new Map<TargetReport, number>();
  const findings = Array.from({ length: stores }, (_, index) => {
    const target = usable[Math.floor(index * 7.31) % usable.length] as TargetReport;
    counts.set(target, (counts.get(target) ?? 0) + 1);
    return aVariedFinding(index, target);
  });
  const counted = targets.map((target) => ({ ...target, stores: counts.get(target) ?? 0 }));
  return { findings, totals: scanTotals(findings, { targets: counted, config: 'READ', exemptions: EXEMPTIONS }) };
}

const EXEMPTIONS: readonly ExemptionUse[] = [
  {
    id: 'legacy',
    reason: 'Moves to the new platform',
    owner: 'platform@example.com',
    expires: '2027-03-31',
    stores: 4,
    notices: [],
  },
  {
    id: 'vendor',
    reason: 'The vendor has no key yet',
    owner: 'vendors@example.com',
    expires: '2026-11-30',
    stores: 0,
    notices: ['ENDS_SOON', 'UNMATCHED'],
  },
];

function aVariedFinding(index: number, { account, region }: TargetReport): Finding {
  const pick = (list: readonly string[], by: number) => list[Math.floor(index / by) % list.length] ?? '';
  const name = `${pick(PREFIXES, 1)}${pick(TEAMS, 3)}-${pick(SUFFIXES, 5)}-${index.toString(36).padStart(4, '0')}`;
  // Some places are in order, and some are not yet.
  const health = ((Number(account.slice(-3)) * 31 + REGIONS.indexOf(region) * 17) % 10) / 10;
  const varied = (index * 7919) % 1000;
  const chance = health > 0.5 ? 500 : Math.floor(varied * (0.3 + health));
  const store = aLogGroup(chance >= 990 ? name.replace(/^\//, 'aws/') : name, { account, region });
  const key = keyFor(chance, account, region);
  const exemption = chance >= 170 && chance < 180 ? (EXEMPTIONS[0] ?? null) : null;
  const finding = findingOf({ store, keyArn: key?.keyArn ?? null }, key, null, exemption);
  if (chance % 97 !== 5 || finding.status !== 'COMPLIANT') return finding;
  const fix = `logseal key repair --key ${finding.keyArn} --region ${region} --all-log-groups`;
  const message = `the key policy does not allow CloudWatch Logs kms:Decrypt for ${store.arn}`;
  return { ...finding, warnings: [problem('KEY_POLICY_MISSING_ACTIONS', message, fix)] };
}

/** The key of a log group; null: it has none. @param chance 0 to 999 */
function keyFor(chance: number, account: string, region: string): KeyInspection | null {
  const arnOf = (number: number) => `arn:aws:kms:${region}:${account}:key/${KEY_ID}${String(number).padStart(4, '0')}`;
  const inspected = (number: number, facts: Partial<KeyFacts>): KeyInspection => {
    const arn = arnOf(number);
    return anInspection({ keyArn: arn, reasons: whyUnusable(aKey({ arn, ...facts }), 'aws', 'ATTACHED') });
  };
  const unreadable = (arn: string): Reason =>
    problem(
      'KEY_UNREADABLE',
      `${arn}: AccessDeniedException: not authorized to perform: kms:DescribeKey`,
      'allow the caller kms:DescribeKey',
    );
  if (chance < 9) return inspected(1, { state: 'PendingDeletion', deletionDate: new Date('2026-12-05T10:00:00Z') });
  if (chance < 16) return anInspection({ keyArn: arnOf(2), reasons: [keyNotFound(arnOf(2), region, 'ATTACHED')] });
  if (chance < 40) return inspected(3, { state: 'Disabled' });
  if (chance < 50) return anInspection({ keyArn: arnOf(4), reasons: [unreadable(arnOf(4))] });
  if (chance < 60) return inspected(5, { manager: 'AWS' });
  if (chance < 180 || chance >= 990) return null;
  return inspected(6 + (chance % 3), {});
}

const KEY_ID = '8f14e45f-ceea-467f-a9c0-1234567';
