import { CATALOGUE } from '../../domain/catalogue.ts';
import type { Exemption } from '../../domain/exemption.ts';
import { printable } from '../../domain/printable.ts';
import type { Target } from '../../domain/target.ts';
import type { ExemptionData, FactsData, ReportData } from './report-data.ts';
import type { Facts, Row, SharedProblem } from './rows.ts';

/** The findings as the file carries them. */
export function reportData(rows: readonly Row[]): ReportData {
  const targets = list<Target>();
  const arnPrefixes = list<string>();
  const keys = list<string>();
  const problems = list<SharedProblem>();
  const exemptions = list<Exemption>();
  const facts = list<Facts>();
  const places = rows.map((row) => facts.place(row.facts));
  const factsData = facts.all.map(
    ({ status, severity, target, arnPrefix, keyArn, reasons, warnings, exemption }): FactsData => [
      status,
      severity ?? '',
      targets.place(target),
      arnPrefix === null ? -1 : arnPrefixes.place(arnPrefix),
      keyArn === null ? -1 : keys.place(keyArn),
      reasons.map(problems.place),
      warnings.map(problems.place),
      exemption === null ? -1 : exemptions.place(exemption),
    ],
  );
  const codes = new Set(problems.all.map(({ code }) => code));
  return {
    rows: { facts: places, names: rows.map(({ name }) => name) },
    facts: factsData,
    targets: targets.all.map(({ provider, account, region }) => ({
      provider,
      account: printable(account),
      region: printable(region),
    })),
    arnPrefixes: arnPrefixes.all,
    keys: keys.all,
    problems: problems.all,
    exemptions: exemptions.all.map(exemptionData),
    catalogue: Object.fromEntries([...codes].map((code) => [code, shownEntry(code)])),
  };
}

/** Gives each thing a place in a list. */
function list<T>() {
  const places = new Map<T, number>();
  const all: T[] = [];
  const place = (thing: T): number => {
    const known = places.get(thing);
    if (known !== undefined) return known;
    places.set(thing, all.length);
    return all.push(thing) - 1;
  };
  return { all, place };
}

function exemptionData({ id, reason, owner, expires }: Exemption): ExemptionData {
  return { id: printable(id), reason: printable(reason), owner: printable(owner), expires };
}

function shownEntry(code: SharedProblem['code']): ReportData['catalogue'][string] {
  const { title, impact } = CATALOGUE[code];
  return { title, impact };
}
