import type { ReportData } from '../report-data.ts';
import { at, type Facts, type Findings, withPlaces } from './findings.ts';
import type { SortColumn, ViewState } from './view-state.ts';

/** Which findings a state shows, in its order, as their places in the file. */
export type Choose = (state: ViewState) => Int32Array;

const SEVERITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', ''];

/** Many findings share their facts, so each fact is compared once, and only names are compared one by one. */
export function chooser(findings: Findings): Choose {
  const { data, allFacts, length } = findings;
  const factsOf = Uint32Array.from(data.rows.facts);
  let search: Search | undefined;
  let lowerNames: readonly string[] | undefined;
  const orders = new Map<SortColumn, Uint32Array>();
  const orderBy = (column: SortColumn): Uint32Array => {
    const known = orders.get(column);
    if (known) return known;
    const made =
      column === 'name' ? ranksOf(data.rows.names) : ranksOf(allFacts.map((facts) => sortText(column, facts, data)));
    orders.set(column, made);
    return made;
  };
  return (state) => {
    const q = state.q.trim().toLowerCase();
    const fits = allFacts.map((facts) => isWanted(facts, data, state));
    if (q !== '') {
      search ??= searchOf(data, allFacts);
      lowerNames ??= data.rows.names.map((name) => name.toLowerCase());
    }
    const saysIt = q === '' ? [] : (search?.(q) ?? []);
    const chosen = new Int32Array(length);
    let count = 0;
    for (let row = 0; row < length; row++) {
      const facts = factsOf[row] ?? 0;
      if (fits[facts] && (q === '' || saysIt[facts] || lowerNames?.[row]?.includes(q))) chosen[count++] = row;
    }
    const rows = chosen.subarray(0, count);
    return state.sort === null ? rows : sorted(rows, state.sort, state.isDescending);
  };

  function sorted(rows: Int32Array, column: SortColumn, isDescending: boolean): Int32Array {
    const ranks = orderBy(column);
    const rankOf =
      column === 'name' ? (row: number) => ranks[row] ?? 0 : (row: number) => ranks[factsOf[row] ?? 0] ?? 0;
    // What is equal stays in the order of the file, the worst first.
    return isDescending
      ? rows.sort((one, other) => rankOf(other) - rankOf(one) || one - other)
      : rows.sort((one, other) => rankOf(one) - rankOf(other) || one - other);
  }
}

/** The place of each text in the alphabet; equal texts have the same. */
function ranksOf(texts: readonly string[]): Uint32Array {
  const order = [...new Set(texts)].sort();
  const ranks = new Map(order.map((text, rank) => [text, rank]));
  return Uint32Array.from(texts, (text) => ranks.get(text) ?? 0);
}

function isWanted(facts: Facts, { targets, keys, problems }: ReportData, state: ViewState): boolean {
  const { account, region } = at(targets, facts.target);
  return (
    (state.status.length === 0 || state.status.includes(facts.status)) &&
    (state.severity.length === 0 || state.severity.includes(facts.severity)) &&
    (state.account === null || state.account === account) &&
    (state.region === '' || state.region === region) &&
    (state.key === '' || state.key === keys[facts.key]) &&
    (state.reason === '' ||
      [...facts.reasons, ...facts.warnings].some((place) => problems[place]?.code === state.reason))
  );
}

/** Which facts have a text in anything but the name. */
type Search = (lower: string) => readonly boolean[];

/** Each target, key, message and exemption is searched once, however many facts have it. */
function searchOf({ targets, keys, problems, exemptions }: ReportData, allFacts: readonly Facts[]): Search {
  const lists = [
    targets.map(({ account, region }) => `${account}\n${region}`),
    keys,
    problems.map(({ code, message }) => `${code}\n${withPlaces(message, '', '', '')}`),
    exemptions.map(({ id, owner }) => `${id}\n${owner}`),
  ].map((list) => list.map((text) => text.toLowerCase()));
  return (lower) => {
    const [target, key, problem, exemption] = lists.map((list) => list.map((text) => text.includes(lower)));
    const isProblem = (place: number) => problem?.[place] === true;
    return allFacts.map(
      (facts) =>
        target?.[facts.target] === true ||
        key?.[facts.key] === true ||
        exemption?.[facts.exemption] === true ||
        facts.reasons.some(isProblem) ||
        facts.warnings.some(isProblem),
    );
  };
}

function sortText(column: SortColumn, facts: Facts, { targets, keys, problems }: ReportData): string {
  const { account, region } = at(targets, facts.target);
  switch (column) {
    case 'severity': {
      const rank = ['NON_COMPLIANT', 'UNKNOWN'].includes(facts.status) ? SEVERITIES.indexOf(facts.severity) : 9;
      return `${rank} ${facts.status}`;
    }
    case 'account':
      return account;
    case 'region':
      return region;
    case 'key':
      return keys[facts.key] ?? '';
    case 'reason':
      return [...facts.reasons, ...facts.warnings].map((place) => problems[place]?.code).join(' ');
    case 'name':
      return '';
  }
}
