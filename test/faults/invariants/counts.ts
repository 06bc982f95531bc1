import { eventsOf, type Invariant } from './invariant.ts';

const METRICS = {
  SEALED: ['Sealed'],
  UNCHANGED: ['Unchanged', 'WouldSeal'],
  REFUSED: ['Refused'],
  FAILED: ['Failed'],
} as const;
/** How many log groups a function changes at once: so many may be changed and not counted when it dies. */
const IN_HAND = 3;

/** The sum of a metric in the documents that a function wrote. */
export function metricSum(lines: readonly string[], name: string): number {
  return lines
    .filter((line) => line.startsWith('{"_aws"'))
    .flatMap((line) => [(JSON.parse(line) as Record<string, unknown>)[name] ?? 0].flat())
    .reduce((sum: number, value) => sum + Number(value), 0);
}

/** How often a function ended before it was done. */
export function deathsIn(lines: readonly string[]): number {
  return lines.filter((line) => /Task timed out after|Runtime exited/.test(line)).length;
}

/**
 * How many outcomes a metric may leave out: what a function that dies has in hand, and the seals, counted when their DONE entries
 * are written, where the answers to that were lost. None is counted twice.
 */
function leftOutOf(metric: string, lines: readonly string[]): number {
  const unheard = lines.filter((line) => line.includes('the journal cannot be written')).length;
  return inHandAtDeath(lines) + (metric === 'Sealed' ? unheard : 0);
}

function inHandAtDeath(lines: readonly string[]): number {
  return (deathsIn(lines) + givenUpIn(lines)) * IN_HAND;
}

/** How often a function gave its messages back, since its time was nearly up: what it had in hand goes on without it. */
function givenUpIn(lines: readonly string[]): number {
  const given = lines.filter((line) => line.includes('OutOfTimeError'));
  return new Set(given.map((line) => (JSON.parse(line) as Record<string, unknown>)['function_request_id'])).size;
}

/** The distinct outcomes of log groups in runs that were logged are as many as the metrics say. A line comes before its count. */
export const outcomesAreCounted: Invariant = ({ stack }) => {
  const { remediate: lines } = stack.lines;
  const logged = lines
    .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Logged] : []))
    .filter(({ message }) => message === 'outcome');
  return Object.entries(METRICS).flatMap(([outcome, metrics]) => {
    const some = logged.filter((line) => line.outcome === outcome);
    const distinct = new Set(some.map(({ runId, region, name }) => `${runId} ${region} ${name}`)).size;
    const counted = metrics.reduce((sum, metric) => sum + metricSum(lines, metric), 0);
    if (counted >= distinct - leftOutOf(metrics[0], lines) && counted <= distinct) return [];
    return [`the lines have ${distinct} distinct outcomes ${outcome}, and ${metrics.join(' and ')} count ${counted}`];
  });
};

type Logged = Readonly<Record<'message' | 'outcome' | 'runId' | 'region' | 'name', unknown>>;

/** Distinct log groups that are SEALED in a run are as many as the metric says. */
export const sealsAddUp: Invariant = ({ stack }) => {
  const { remediate: lines } = stack.lines;
  const sealed = eventsOf(stack, 'Remediation Outcome').filter(({ detail }) => detail.outcome === 'SEALED');
  const distinct = new Set(sealed.map(({ detail, store }) => `${detail.runId} ${store}`)).size;
  const counted = metricSum(lines, 'Sealed');
  // Counted, and its event is still to be sent, or is never sent, since the log group was changed or sealed again meanwhile.
  const refused = lines.filter((line) => line.includes('its outcome could not be sent')).length;
  const unsent = stack.waiting.length + inHandAtDeath(lines) + refused;
  return counted >= distinct - leftOutOf('Sealed', lines) && counted <= distinct + unsent
    ? []
    : [`${distinct} log groups are SEALED, and the metric says ${counted}`];
};

/** What a scan counted adds up, and every log group that it counted as flagged has a finding. */
export const scanCountsAddUp: Invariant = ({ stack }) => {
  const findings = eventsOf(stack, 'Log Store Finding');
  return eventsOf(stack, 'Scan Completed').flatMap(({ detail, index }) => {
    const { runId, region, counts } = detail;
    const { stores, compliant, nonCompliant, exempt, unknown } = counts;
    const where = `the scan ${runId} of ${region}`;
    if (stores !== compliant + nonCompliant + exempt + unknown) return [`${where} counts ${JSON.stringify(counts)}`];
    const found = findings.filter(
      (one) => one.index < index && one.detail.runId === runId && one.detail.region === region,
    );
    const distinct = new Set(found.map(({ store }) => store)).size;
    return nonCompliant + unknown <= distinct
      ? []
      : [`${where} counts ${nonCompliant + unknown} and has findings of ${distinct}`];
  });
};
