import { isLogstoreName } from '../domain/stores/logstore.ts';
import { CloudError } from '../errors.ts';

/** One page of a listing by offset. `names` is undefined if the response has no list, `total` if it has no total. */
export type NamePage = readonly [names: readonly string[] | undefined, total: number | undefined];

/**
 * Yields every name of a listing once, in its order.
 * @param call as RAM names it
 * @param fetch reads the page that begins at an offset
 * @throws CloudError if a name is invalid or the listing ends before its total, since nothing may be left out silently
 */
export async function* namesOf(call: string, fetch: (offset: number) => Promise<NamePage>): AsyncGenerator<string> {
  const broken = (problem: string) => new CloudError('UNAVAILABLE', call, `SLS cannot be listed: ${problem}`);
  const seen = new Set<string>();
  for (let offset = 0; ; ) {
    const [answered, total] = await fetch(offset);
    if (!answered && offset === 0) throw broken('it returned no list');
    const names = answered ?? [];
    const fresh = names.filter((name) => !seen.has(name));
    for (const name of fresh) {
      if (!isLogstoreName(name)) throw broken(`it returned "${name}", which is not a valid name`);
      seen.add(name);
      yield name;
    }
    offset += names.length;
    if (total === undefined ? names.length === 0 : offset >= total) return;
    if (fresh.length === 0) throw broken(`the list continues after ${seen.size} names, but has no new ones`);
  }
}
