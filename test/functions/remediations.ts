import { aBatch, aFindingEvent } from '../events/builders.ts';
import { aWorld } from '../support/logseal.ts';
import { aFunction } from './support.ts';

/** Invocations of the remediate function, with the findings of many log groups. */

export const NOTHING_FAILED = { batchItemFailures: [] };
export const many = (count: number) =>
  Array.from({ length: count }, (_, index) => `/many/${String(index).padStart(2, '0')}`);
export const aWorldOf = (names: readonly string[]) =>
  aWorld({ groups: { '/healthy': 'logseal', ...Object.fromEntries(names.map((name) => [name, null])) } });
export const enforcing = (names: readonly string[]) =>
  aFunction('RemediateFunction', { world: aWorldOf(names), parameters: { Mode: 'Enforce' } });
export const findingsOf = (names: readonly string[]) => aBatch(...names.map((name) => aFindingEvent(name)));
/** The same records, delivered once more. They were sent an hour ago. */
export const again = ({ Records }: ReturnType<typeof aBatch>): ReturnType<typeof aBatch> => ({
  Records: Records.map((record) => ({
    ...record,
    attributes: {
      ...record.attributes,
      ApproximateReceiveCount: '2',
      SentTimestamp: `${Date.now() - 3_600_000}`,
    },
  })),
});
export const sealedIn = (metrics: readonly Record<string, unknown>[]) =>
  metrics.reduce((sum, { Sealed }) => sum + [Sealed ?? 0].flat().reduce((all: number, one) => all + Number(one), 0), 0);
