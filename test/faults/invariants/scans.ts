import type { MadeCall } from '../../../sandbox/dispatch.ts';
import { type Checked, eventsOf, INVOCATION_MS, type Invariant, isExempt } from './invariant.ts';

/** No healthy log group is flagged, and none is UNKNOWN whose key can be read. */
export const noHealthyStoreIsFlagged: Invariant = ({ history, stack }) =>
  eventsOf(stack, 'Log Store Finding').flatMap(({ store, detail, atMs }) => {
    const [region = ''] = store.split(' ');
    const [fromMs, toMs] = [atMs - INVOCATION_MS, atMs + 1000];
    const keys = history.keysOf(store, fromMs, toMs);
    const isJust = (key: string | null | undefined) =>
      key === null || (typeof key === 'string' && !history.wasAlwaysUsable(key, region, fromMs, toMs));
    const isUnreadable = (key: string | null | undefined) => typeof key === 'string' && !history.isReadable(key);
    if (detail.status === 'UNKNOWN') {
      return keys.some(isUnreadable) ? [] : [`${store} is UNKNOWN, but its key ${keys.join(', ')} can be read`];
    }
    return keys.some(isJust)
      ? []
      : [`${store} is flagged (${codes(detail)}), but was healthy under ${keys.join(', ')}`];
  });

function codes({ reasons }: { readonly reasons: readonly { readonly code: string }[] }): string {
  return reasons.map(({ code }) => code).join(', ');
}

/** Whether a log group needed a key at each time until then. */
function alwaysNeededIt({ history, evidence, stack }: Checked, store: string, toMs: number): boolean {
  const [region = '', name = ''] = store.split(' ');
  if (/^aws\//i.test(name) || isExempt(stack, store)) return false;
  const keys = history.keysOf(store, evidence.start.atMs, toMs);
  return keys.every(
    (key) =>
      key === null || (typeof key === 'string' && history.wasNeverUsable(key, region, evidence.start.atMs, toMs)),
  );
}

/** A scan that says COMPLETE has flagged every log group that never had a usable key. */
export const nothingIsMissed: Invariant = (checked) => {
  const { history, stack } = checked;
  const findings = eventsOf(stack, 'Log Store Finding');
  return eventsOf(stack, 'Scan Completed')
    .filter(({ detail }) => detail.status === 'COMPLETE')
    .flatMap(({ detail, atMs, index }) => {
      const { runId, region } = detail;
      const flagged = new Set(
        findings.filter((one) => one.detail.runId === runId && one.index < index).map(({ store }) => store),
      );
      return history.stores
        .filter(
          (store) =>
            store.startsWith(`${region} `) && !flagged.has(store) && alwaysNeededIt(checked, store, atMs + 1000),
        )
        .map((store) => `${store} was not flagged by the complete scan ${runId}`);
    });
};

/** After each schedule comes the end of a scan of each Region, or its message is in a queue or a dead-letter queue. */
export const everyScanEnds: Invariant = ({ stack }) => {
  const ends = eventsOf(stack, 'Scan Completed');
  const isWaiting = (region: string) =>
    stack.waiting.some(
      (body) => body.includes('Scheduled Event') || (body.includes('Scan Requested') && body.includes(region)),
    );
  return stack.schedulesAtMs.flatMap((firedAtMs) =>
    stack.regions
      .filter((region) => !ends.some(({ detail, atMs }) => detail.region === region && atMs + 1000 >= firedAtMs))
      .filter((region) => !isWaiting(region))
      .map((region) => `the scan of ${region} never ended`),
  );
};

/** Once the faults are over, the next scan is complete, unless it was put off to one that died, whose message is a dead letter. */
export const recovers: Invariant = ({ evidence, stack }) => {
  const ends = eventsOf(stack, 'Scan Completed').filter(({ atMs }) => atMs + 1000 >= evidence.faultsEndedAtMs);
  const isComplete = (region: string) =>
    ends.some(({ detail }) => detail.region === region && detail.status === 'COMPLETE');
  // While its time lasts, the one that holds a Region may be alive: a scan that comes then cannot know that nobody tries it again.
  const isPutOffToADeadOne = (region: string) =>
    stack.held.some(
      ({ runId, again, ...held }) =>
        held.region === region &&
        again !== undefined &&
        !ends.some(({ detail }) => detail.runId === runId) &&
        stack.waiting.some((body) => body.includes(JSON.stringify(runId))),
    );
  return stack.regions
    .filter((region) => !isComplete(region) && !isPutOffToADeadOne(region))
    .map((region) => `after the faults the scan of ${region} was not complete`);
};

/** No two scans list the same Region at once. */
export const oneScanAtATime: Invariant = ({ evidence, stack }) => {
  if (!stack.hasLease) return [];
  const lists = evidence.calls.filter(
    ({ name, actingAs, input }) =>
      name === 'logs:DescribeLogGroups' && actingAs === stack.scanActor && !input['logGroupIdentifiers'],
  );
  return stack.regions.flatMap((region) => overlapsIn(lists.filter((call) => call.region === region)));
};

/** A page that follows one of another instance which began in between. */
function overlapsIn(pages: readonly MadeCall[]): string[] {
  return pages.flatMap((page, index) => {
    const previous = pages.slice(0, index).findLast(({ instance }) => instance === page.instance);
    if (!previous || page.input['nextToken'] === undefined || page.cameAtMs - previous.atMs > INVOCATION_MS) return [];
    const between = pages.slice(pages.indexOf(previous) + 1, index).find(({ instance }) => instance !== page.instance);
    return between ? [`${page.region} was scanned by two instances at once`] : [];
  });
}
