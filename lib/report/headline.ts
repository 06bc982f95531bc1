import type { TargetReport } from '../app/scan/scan-target.ts';
import { CATALOGUE } from '../domain/catalogue.ts';
import { SEVERITIES } from '../domain/catalogue-entry.ts';
import { TEMPLATE_REASON_CODES, type TemplateReasonCode } from '../domain/reasons.ts';
import type { Summary } from '../domain/summary.ts';
import type { Target } from '../domain/target.ts';
import { columns } from './columns.ts';
import type { ReportOptions } from './format.ts';
import { severityText } from './problem-list.ts';
import { counted } from './table.ts';

type Place = Target & Pick<TargetReport, 'accountAlias'>;

/** As many as a headline names; of more it tells the number. */
const FEW = { accounts: 3, regions: 5 } as const;
export const EVERY_PLACE = { accounts: Number.POSITIVE_INFINITY, regions: Number.POSITIVE_INFINITY } as const;

/**
 * Where a run was: `account 111122223333, eu-west-1 and eu-west-2`, or how many accounts and Regions. Accounts with the same Regions
 * are named together.
 * @param max how many are named; default: few enough for a headline
 */
export function placesText(targets: readonly Place[], max: typeof FEW | typeof EVERY_PLACE = FEW): string {
  const list = new Intl.ListFormat('en');
  const regionsOf = new Map(
    [...Map.groupBy(targets, accountName)].map(([account, some]) => {
      const regions = [...new Set(some.map(({ region }) => region))].sort();
      return [
        account,
        regions.length > max.regions ? counted(regions.length, 'Region') : list.format(regions),
      ] as const;
    }),
  );
  if (regionsOf.size > max.accounts) {
    const regions = new Set(targets.map(({ region }) => region)).size;
    return `${counted(regionsOf.size, 'account')}, ${counted(regions, 'Region')}`;
  }
  const accounts = [...regionsOf.keys()].sort();
  const parts = [...Map.groupBy(accounts, (account) => regionsOf.get(account))].map(([regions, some]) => {
    if (some[0] === '') return regions;
    return `${some.length === 1 ? 'account' : 'accounts'} ${list.format(some)}, ${regions}`;
  });
  return parts.join('; ');
}

/** An account by its alias and its id. */
export function accountName({ account, accountAlias }: Pick<TargetReport, 'account' | 'accountAlias'>): string {
  return accountAlias === undefined ? account : `${accountAlias} (${account})`;
}

/**
 * How many findings have each severity as their worst, and how often each reason of that severity was given; the worst first. Empty where
 * nothing is open.
 */
export function totalsTable({ bySeverity, byReason }: Summary<TemplateReasonCode>, options: ReportOptions): string {
  const rows = SEVERITIES.flatMap((severity) => {
    const count = bySeverity[severity] ?? 0;
    const reasons = TEMPLATE_REASON_CODES.filter((code) => CATALOGUE[code].severity === severity && byReason[code]);
    const most = reasons.toSorted((one, other) => (byReason[other] ?? 0) - (byReason[one] ?? 0));
    const texts = most.map((code) => `${code} ${(byReason[code] ?? 0).toLocaleString('en')}`);
    if (count === 0 && texts.length === 0) return [];
    return [[severityText(severity, options.paint), count.toLocaleString('en'), texts.join(', ')]];
  });
  const head = ['SEVERITY', 'FOUND', { title: 'REASONS', isProse: true, least: 30 }];
  return rows.length === 0 ? '' : columns(head, rows, options);
}
