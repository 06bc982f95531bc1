import {
  ARN_PLACE,
  KEY_PLACE,
  NAME_PLACE,
  type ProblemData,
  type ReportData,
  type TargetData,
} from '../report-data.ts';

/** The findings of the file, by their place in it. */
export interface Findings {
  readonly data: ReportData;
  /** In the order of the file. */
  readonly allFacts: readonly Facts[];
  readonly length: number;
  name(row: number): string;
  facts(row: number): Facts;
  target(row: number): TargetData;
  key(row: number): string | null;
  problems(places: readonly number[]): ProblemData[];
  arn(row: number): string | null;
}

/** What many findings have in common. Numbers are places in the lists of the file; -1: none. */
export interface Facts {
  readonly status: string;
  readonly severity: string;
  readonly target: number;
  readonly arnPrefix: number;
  readonly key: number;
  readonly reasons: readonly number[];
  readonly warnings: readonly number[];
  readonly exemption: number;
}

export function findingsOf(data: ReportData): Findings {
  const { rows, facts, targets, keys, problems } = data;
  const allFacts = facts.map(
    ([status, severity, target, arnPrefix, key, reasons, warnings, exemption]): Facts => ({
      status,
      severity,
      target,
      arnPrefix,
      key,
      reasons,
      warnings,
      exemption,
    }),
  );
  const factsOf = (row: number) => at(allFacts, at(rows.facts, row));
  const name = (row: number) => at(rows.names, row);
  return {
    data,
    allFacts,
    length: rows.names.length,
    name,
    facts: factsOf,
    target: (row) => at(targets, factsOf(row).target),
    key: (row) => keys[factsOf(row).key] ?? null,
    problems: (places) => places.map((place) => at(problems, place)),
    arn(row) {
      const prefix = data.arnPrefixes[factsOf(row).arnPrefix];
      return prefix === undefined ? null : prefix + name(row);
    },
  };
}

/** A message or fix of one log store. */
export function withPlaces(text: string, name: string, arn: string | null, key: string | null): string {
  const own: Readonly<Record<string, string | null>> = { [NAME_PLACE]: name, [ARN_PLACE]: arn, [KEY_PLACE]: key };
  return text.replace(PLACES, (place) => own[place] ?? name);
}

const PLACES = new RegExp(`[${NAME_PLACE}${ARN_PLACE}${KEY_PLACE}]`, 'g');

/** The item at a place that the file names. @throws RangeError when the file contradicts itself */
export function at<T>(list: readonly T[], place: number): T {
  const item = list[place];
  if (item === undefined) throw new RangeError(`expected an item at the place ${place} of ${list.length}`);
  return item;
}
