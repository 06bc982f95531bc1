import type { Exemption } from '../../domain/exemption.ts';
import { type Finding, isOpen } from '../../domain/finding.ts';
import { byPlace, severityRank } from '../../domain/order.ts';
import { printable } from '../../domain/printable.ts';
import type { Problem, ProblemCode } from '../../domain/reasons.ts';
import { type Target, targetKey, targetOf } from '../../domain/target.ts';
import { worstOf } from '../worst.ts';
import { interned, numbered } from './intern.ts';
import { ARN_PLACE, KEY_PLACE, NAME_PLACE } from './report-data.ts';

/** A problem without what is special about one log store, so that many can share it. */
export type SharedProblem = Pick<Problem<ProblemCode>, 'code' | 'severity' | 'message' | 'fix'>;

/** All of a finding but the name. */
export interface Facts {
  readonly status: Finding['status'];
  readonly severity: Finding['severity'];
  readonly target: Target;
  /** What comes before the name in the ARN; null: the name is no part of it. */
  readonly arnPrefix: string | null;
  readonly keyArn: string | null;
  readonly reasons: readonly SharedProblem[];
  readonly warnings: readonly SharedProblem[];
  readonly exemption: Exemption | null;
  readonly rank: number;
}

export interface Row {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly facts: Facts;
}

/** Collects findings in little memory, and keeps the worst. */
export interface Rows {
  add(finding: Finding): void;
  /** The worst first, then by account, Region and name. */
  kept(): readonly Row[];
  omitted(): number;
}

/** @param limit how many are kept */
export function keptRows(limit: number): Rows {
  const rows = worstOf<Row>(limit, (one, other) => one.facts.rank - other.facts.rank || byPlace(one, other));
  const problems = interned<SharedProblem>(({ code, message, fix }) => `${code}\n${message}\n${fix}`);
  const targets = interned<Target>(targetKey);
  const exemptions = interned<Exemption>(({ id }) => id);
  const numberOf = numbered();
  const numbersOf = (all: readonly object[]) => all.map(numberOf).join();
  const facts = interned<Facts>(({ status, target, arnPrefix, keyArn, exemption, reasons, warnings }) =>
    [status, numberOf(target), numberOf(exemption), numbersOf(reasons), numbersOf(warnings), arnPrefix, keyArn].join(
      ' ',
    ),
  );
  return {
    add(finding) {
      const { status, severity, reasons, warnings, exemption } = finding;
      const name = printable(finding.name);
      const arn = printable(finding.arn);
      const keyArn = finding.keyArn === null ? null : printable(finding.keyArn);
      const shared = (all: readonly Problem<ProblemCode>[]) =>
        all.map((each) => problems(withPlaces(each, name, arn, keyArn)));
      const target = targets(targetOf(finding));
      const own = facts({
        status,
        severity,
        target,
        arnPrefix: arn.endsWith(name) ? arn.slice(0, arn.length - name.length) : null,
        keyArn,
        reasons: shared(reasons),
        warnings: shared(warnings),
        exemption: exemption && exemptions(exemption),
        rank: rankOf(finding),
      });
      rows.add({ account: target.account, region: target.region, name, facts: own });
    },
    kept: rows.kept,
    omitted: rows.omitted,
  };
}

/** What is open comes first, by its severity, then what has a warning, then what is exempt. */
function rankOf(finding: Finding): number {
  if (isOpen(finding)) return severityRank(finding.severity);
  if (finding.warnings.length > 0) return 10;
  return finding.status === 'EXEMPT' ? 11 : 12;
}

/** The problem with signs in the place of what it says of one log store and its key. */
function withPlaces(
  { code, severity, message, fix }: Problem<ProblemCode>,
  name: string,
  arn: string,
  keyArn: string | null,
): SharedProblem {
  const places = [
    [keyArn, KEY_PLACE],
    [arn, ARN_PLACE],
    [name, NAME_PLACE],
  ] as const;
  const place = (text: string) =>
    places.reduce(
      (shown, [own, sign]) => (own && shown.includes(own) ? shown.replaceAll(own, sign) : shown),
      printable(text),
    );
  return { code, severity, message: place(message), fix: place(fix) };
}
