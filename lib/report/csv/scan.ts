import type { Finding } from '../../domain/finding.ts';
import { printable } from '../../domain/printable.ts';
import type { Warning } from '../../domain/reasons.ts';
import { type FailedTarget, failedTargets } from '../failed-targets.ts';
import { fixesOf } from '../finding-text.ts';
import type { WriterOf } from '../format.ts';

/**
 * RFC 4180, one row a finding, as the findings come. A target that was not scanned completely has a row of the type `target`
 * and the status UNKNOWN after them.
 *
 * A spreadsheet would calculate a cell that begins like a formula, so that a name could send data elsewhere. As OWASP advises
 * ("CSV Injection"; ASVS 5.0, 1.2.10), every cell is in double quotes, a double quote is doubled, and a cell that begins with
 * `=`, `+`, `-` or `@`, or with the full-width form of one, gets a single quote before it; so does what follows a semicolon,
 * which separates cells where the comma is the decimal sign. Tabs, carriage returns and other control characters are
 * written as escapes such as `\u0009`.
 */
export const scanCsv: WriterOf<'scan'> = () => ({
  begin: () => row(Object.keys(COLUMNS)),
  page: (findings) => findings.map((finding) => row(Object.values(COLUMNS).map((cell) => cell(finding)))).join(''),
  end: ({ targets }) => failedTargets(targets).map(targetRow).join(''),
});

/** By the names of the columns. */
const COLUMNS: Readonly<Record<string, (finding: Finding) => string>> = {
  provider: ({ provider }) => provider,
  account: ({ account }) => account,
  region: ({ region }) => region,
  type: ({ type }) => type,
  name: ({ name }) => name,
  arn: ({ arn }) => arn,
  status: ({ status }) => status,
  severity: ({ severity }) => severity ?? '',
  reasons: ({ reasons }) => codes(reasons),
  messages: ({ reasons }) => messages(reasons),
  fixes: fixesOf,
  warnings: ({ warnings }) => codes(warnings),
  warningMessages: ({ warnings }) => messages(warnings),
  keyArn: ({ keyArn }) => keyArn ?? '',
  exemption: ({ exemption }) => exemption?.id ?? '',
  exemptionReason: ({ exemption }) => exemption?.reason ?? '',
  exemptionOwner: ({ exemption }) => exemption?.owner ?? '',
  exemptionExpires: ({ exemption }) => exemption?.expires ?? '',
};

type Listed = Pick<Finding['reasons'][number] | Warning, 'code' | 'message'>;

function codes(problems: readonly Listed[]): string {
  return problems.map(({ code }) => code).join(' ');
}

function messages(problems: readonly Listed[]): string {
  return problems.map(({ message }) => message).join('; ');
}

function targetRow({ provider, account, region, code, message, fix }: FailedTarget): string {
  const cells = {
    provider,
    account,
    region,
    type: 'target',
    status: 'UNKNOWN',
    reasons: code,
    messages: message,
    fixes: fix ?? '',
  };
  return row(Object.keys(COLUMNS).map((column) => (cells as Readonly<Record<string, string>>)[column] ?? ''));
}

function row(cells: readonly string[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

const FORMULA = /(^|;)(\s*)(?=[=+\-@＝＋－＠])/gu;

function cellOf(text: string): string {
  return `"${printable(text).replace(FORMULA, "$1$2'").replaceAll('"', '""')}"`;
}
