import type { MadeCall } from '../../sandbox/dispatch.ts';
import type { Evidence } from './evidence.ts';

/** A value that changes. */
class Timeline<T> {
  readonly #changes: { readonly atMs: number; readonly value: T }[] = [];

  set(atMs: number, value: T): void {
    this.#changes.push({ atMs, value });
  }

  /** Every value that it had at some time of a period. */
  during(fromMs: number, toMs: number): T[] {
    return this.#changes
      .filter(
        ({ atMs }, index) => atMs <= toMs && (this.#changes[index + 1]?.atMs ?? Number.POSITIVE_INFINITY) >= fromMs,
      )
      .map(({ value }) => value);
  }

  /** The value right before a time. */
  before(ms: number): T | undefined {
    return this.#changes.findLast(({ atMs }) => atMs < ms)?.value;
  }

  get beginsMs(): number {
    return this.#changes[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  get last(): T | undefined {
    return this.#changes.at(-1)?.value;
  }
}

/** The key of a log group; null: none. Undefined: the log group does not exist. */
export type StoreKey = string | null | undefined;

/** The world at any time, from what it was at first and the calls that were carried out. */
export class History {
  readonly #stores = new Map<string, Timeline<StoreKey>>();
  readonly #keyStates = new Map<string, Timeline<string | null>>();
  readonly #aliases = new Map<string, Timeline<string | undefined>>();
  readonly #evidence: Evidence;

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
    const { start, calls } = evidence;
    for (const [store, key] of Object.entries(start.stores))
      this.#of(this.#stores, store).set(Number.NEGATIVE_INFINITY, key);
    for (const { arn, state } of start.keys) this.#of(this.#keyStates, arn).set(Number.NEGATIVE_INFINITY, state);
    for (const [alias, arn] of Object.entries(start.aliases))
      this.#of(this.#aliases, alias).set(Number.NEGATIVE_INFINITY, arn);
    for (const call of calls) this.#add(call);
  }

  /** Every log group that ever was, as `REGION NAME`. */
  get stores(): string[] {
    return [...this.#stores.keys()];
  }

  /** The keys that a log group had at some time of a period. */
  keysOf(store: string, fromMs: number, toMs: number): StoreKey[] {
    const timeline = this.#stores.get(store);
    if (timeline === undefined || timeline.beginsMs > toMs) return [undefined];
    const keys = timeline.during(fromMs, toMs);
    return timeline.beginsMs > fromMs ? [undefined, ...keys] : keys;
  }

  keyBefore(store: string, ms: number): StoreKey {
    return this.#stores.get(store)?.before(ms);
  }

  keyAtLast(store: string): StoreKey {
    return this.#stores.get(store)?.last;
  }

  /** The keys that an alias, or the ARN of a key, named at some time of a period. */
  named(key: string, region: string, fromMs: number, toMs: number): (string | undefined)[] {
    if (!key.startsWith('alias/')) return [key];
    return this.#aliases.get(`${region} ${key}`)?.during(fromMs, toMs) ?? [];
  }

  /** Whether a key was usable for logs of a Region at each time of a period. */
  wasAlwaysUsable(arn: string, region: string, fromMs: number, toMs: number): boolean {
    return this.#states(arn, region, fromMs, toMs).every((state) => state === 'Enabled');
  }

  /** Whether a key was unusable for logs of a Region at each time of a period. */
  wasNeverUsable(arn: string, region: string, fromMs: number, toMs: number): boolean {
    return !this.#states(arn, region, fromMs, toMs).includes('Enabled');
  }

  isReadable(arn: string): boolean {
    return this.#evidence.start.keys.find((key) => key.arn === arn)?.isReadable ?? true;
  }

  #states(arn: string, region: string, fromMs: number, toMs: number): (string | null)[] {
    const key = this.#evidence.start.keys.find((one) => one.arn === arn);
    if (key && !key.isFit) return ['UNFIT'];
    if (arn.split(':')[3] !== region) return ['ELSEWHERE'];
    return this.#keyStates.get(arn)?.during(fromMs, toMs) ?? [null];
  }

  #of<T>(timelines: Map<string, Timeline<T>>, name: string): Timeline<T> {
    const known = timelines.get(name) ?? new Timeline<T>();
    timelines.set(name, known);
    return known;
  }

  #add({ name, region, atMs, input }: MadeCall): void {
    const text = (field: string) => String(input[field] ?? '');
    const store = this.#of(this.#stores, storeIn(region, input) ?? '');
    // Keys are named by their ARNs in all that the runs do.
    const key = () => this.#of(this.#keyStates, text('KeyId'));
    const alias = () => this.#of(this.#aliases, `${region} ${text('AliasName')}`);
    const changes: Readonly<Record<string, () => void>> = {
      'logs:CreateLogGroup': () => store.set(atMs, (input['kmsKeyId'] as string | undefined) ?? null),
      'logs:DeleteLogGroup': () => store.set(atMs, undefined),
      'logs:AssociateKmsKey': () => store.set(atMs, text('kmsKeyId')),
      'logs:DisassociateKmsKey': () => store.set(atMs, null),
      'kms:DisableKey': () => key().set(atMs, 'Disabled'),
      'kms:CancelKeyDeletion': () => key().set(atMs, 'Disabled'),
      'kms:EnableKey': () => key().set(atMs, 'Enabled'),
      'kms:ScheduleKeyDeletion': () => key().set(atMs, 'PendingDeletion'),
      'kms:UpdateAlias': () => alias().set(atMs, text('TargetKeyId')),
    };
    changes[name]?.();
  }
}

/** The log group that a call names, as `REGION NAME`. */
export function storeIn(region: string, input: MadeCall['input']): string | undefined {
  const { logGroupName, resourceIdentifier } = input;
  const name = logGroupName ?? /:log-group:([^:]+)/.exec(String(resourceIdentifier ?? ''))?.[1];
  return name === undefined ? undefined : `${region} ${name}`;
}
