import type { MadeCall } from '../../../sandbox/dispatch.ts';
import { storeIn } from '../history.ts';
import { type Checked, INVOCATION_MS, type Invariant, isExempt } from './invariant.ts';

/** Calls that change nothing of anybody's. */
const HARMLESS = /:(Describe|Get|List|Query|StartQuery|Simulate|PutEvents|PutItem|UpdateItem|ChangeMessageVisibility)/;

/** What a stack's functions changed. */
export function sealsOf({ evidence, stack }: Checked): MadeCall[] {
  return evidence.calls.filter(
    ({ name, actingAs }) => name === 'logs:AssociateKmsKey' && actingAs === stack.remediateActor,
  );
}

/** The functions attach keys and change nothing else. In Audit they do not even do that. */
export const changesOnlyKeys: Invariant = ({ evidence, stack }) => {
  const own = evidence.calls.filter(
    ({ actingAs }) => actingAs === stack.scanActor || actingAs === stack.remediateActor,
  );
  const mayChange = (call: MadeCall) =>
    stack.mode === 'Enforce' &&
    call.actingAs === stack.remediateActor &&
    // Events of a target that others work on go back to the queue that they came from.
    (call.name === 'logs:AssociateKmsKey' ||
      (call.name === 'sqs:SendMessage' && /RemediateQueue$/.test(String(call.input['QueueUrl']))));
  return own
    .filter((call) => !HARMLESS.test(call.name) && !mayChange(call))
    .map(({ actingAs, name, input }) => `${actingAs} made ${name} in ${stack.mode}: ${JSON.stringify(input)}`);
};

/**
 * Nothing is sealed that does not need it. The function has read the log group before, and the log group had no usable key then; what it
 * read of the key may be as old as the invocation. A log group that has the key already may get it again: a lost answer is repeated.
 */
export const sealsOnlyWhatNeedsIt: Invariant = (checked) => {
  const { evidence, history, stack } = checked;
  return sealsOf(checked).flatMap((seal): string[] => {
    const { region, input, atMs, cameAtMs, actingAs, instance } = seal;
    const store = storeIn(region, input) ?? '';
    const [, name] = store.split(' ');
    const key = String(input['kmsKeyId']);
    const is = `${store} got ${key}`;
    if (!stack.regions.includes(region)) return [`${is}, in a Region that is not configured`];
    if (/ (aws|AWS)\//.test(store)) return [`${is}, but belongs to AWS`];
    const read = evidence.calls.findLast(
      (call) =>
        call.name === 'logs:DescribeLogGroups' &&
        call.actingAs === actingAs &&
        call.instance === instance &&
        call.region === region &&
        call.atMs <= cameAtMs &&
        [call.input['logGroupIdentifiers'] ?? []]
          .flat()
          .some((one) => String(one).split(':log-group:').at(-1) === name),
    );
    if (!read) return [`${is}, but was not read before`];
    if (history.keyBefore(store, atMs) === key) return [];
    const found = history.keysOf(store, read.atMs, read.atMs);
    const needsIt = found.some(
      (one) =>
        one === null ||
        (one !== undefined && !history.wasAlwaysUsable(one, region, read.atMs - INVOCATION_MS, atMs)) ||
        one === key,
    );
    return needsIt ? [] : [`${is}, but was healthy under ${found.join(', ')} when it was read`];
  });
};

/** Nothing is sealed with another key than the configured one. */
export const onlyTheConfiguredKey: Invariant = (checked) => {
  const { history, stack } = checked;
  return sealsOf(checked).flatMap(({ region, input, atMs }) => {
    const configured = history.named(stack.key, region, atMs - INVOCATION_MS, atMs);
    const key = String(input['kmsKeyId']);
    if (configured.includes(key)) return [];
    return [`${storeIn(region, input)} got ${key}, but ${stack.key} is ${configured.join(', ') || 'no key'}`];
  });
};

/** No log group is sealed that the configuration exempts, whether it could be read or not. */
export const noExemptStoreIsSealed: Invariant = (checked) =>
  sealsOf(checked).flatMap(({ region, input }) => {
    const store = storeIn(region, input);
    return store && isExempt(checked.stack, store) ? [`${store} was sealed, and is exempt`] : [];
  });
