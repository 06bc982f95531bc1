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

/** As many accounts as a headline names. */
const MAX_ACCOUNTS = 3;

/** Where a run was: `account 111122223333, eu-west-1 and eu-west-2`, or how many accounts and Regions. */
export function placesText(targets: readonly (Target & Pick<TargetReport, 'accountAlias'>)[]): string {
  const byAccount = Map.groupBy(targets, ({ account }) => account);
  if (byAccount.size > MAX_ACCOUNTS) {
    const regions = new Set(targets.map(({ region }) => region)).size;
    return `${counted(byAccount.size, 'account')}, ${counted(regions, 'Region')}`;
  }
  const parts = [...byAccount].map(([account, some]) => {
    const regions = new Intl.ListFormat('en').format(new Set(some.map(({ region }) => region)));
    return account === '' ? regions : `account ${accountName(some[0] ?? { account })}, ${regions}`;
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
