import type { LogStore, LogStoreType } from '../log-store.ts';
import { type Provider, type Target, targetOf } from '../target.ts';
import type { LogStoreKind } from './kind.ts';
import { LOG_GROUP } from './log-group.ts';
import { LOGSTORE } from './logstore.ts';
import { QUERY_RESULTS } from './query-results.ts';

/** Every kind of log store: a new one is a file of this directory and a line here. */
const KINDS: Readonly<Record<LogStoreType, LogStoreKind>> = {
  'log-group': LOG_GROUP,
  'query-results': QUERY_RESULTS,
  logstore: LOGSTORE,
};

export const LOG_STORE_TYPES = Object.keys(KINDS) as LogStoreType[];

/** What is special about the kind of a log store. */
export function kindOf({ type }: Pick<LogStore, 'type'>): LogStoreKind {
  return KINDS[type];
}

function kindsOf(provider: Provider): LogStoreKind[] {
  return Object.values(KINDS).filter((kind) => kind.provider === provider);
}

/** What people call the log stores of a provider. */
export function nounOf(provider: Provider): string {
  return kindsOf(provider)
    .map(({ noun }) => noun)
    .join(' or ');
}

/** The mistake in a name that no log store of a provider can have; undefined: one can. */
export function storeNameMistake(provider: Provider, name: string): string | undefined {
  const mistakes = kindsOf(provider).map((kind) => kind.nameMistake(name));
  return mistakes.includes(undefined) ? undefined : mistakes[0];
}

/** One log store of each kind of the target's provider for which a key policy decides: it stands for all of that kind. */
export function representatives(partition: string, target: Target): LogStore[] {
  return kindsOf(target.provider).flatMap(({ type, anyName }) =>
    anyName === null ? [] : [logStoreOf(type, partition, target, anyName)],
  );
}

/** The log store of a kind and a name. @param partition of the account; for Alibaba Cloud anything */
export function logStoreOf(type: LogStoreType, partition: string, target: Target, name: string): LogStore {
  return { ...targetOf(target), type, name, arn: KINDS[type].arnOf(partition, target, name) };
}

/**
 * The log store that findings and the journal give a name to: the names of one provider's kinds never overlap.
 * @returns undefined for what no kind of the target's provider can be named
 */
export function logStoreNamed(partition: string, target: Target, name: string): LogStore | undefined {
  const kind = kindsOf(target.provider).find((each) => !each.nameMistake(name));
  return kind && logStoreOf(kind.type, partition, target, name);
}
