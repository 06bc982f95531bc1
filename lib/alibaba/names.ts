import { isLogstoreName } from '../domain/stores/logstore.ts';
import { CloudError } from '../errors.ts';

/** One page of a listing by offset, undefined: the answer had none; `total` is of all pages, undefined: not told. */
export type NamePage = readonly [names: readonly string[] | undefined, total: number | undefined];

/**
 * Every name of a listing once, in its order.
 * @param call as RAM names it
 * @param fetch reads the page that begins at an offset
 * @throws CloudError when a name is none, or the listing ends before its total: rather than leave anything out in silence
 */
export async function* namesOf(call: string, fetch: (offset: number) => Promise<NamePage>): AsyncGenerator<string> {
  const broken = (problem: string) => new CloudError('UNAVAILABLE', call, `SLS cannot be listed: ${problem}`);
  const seen = new Set<string>();
  for (let offset = 0; ; ) {
    const [answered, total] = await fetch(offset);
    if (!answered && offset === 0) throw broken('it answered no list');
    const names = answered ?? [];
    const fresh = names.filter((name) => !seen.has(name));
    for (const name of fresh) {
      if (!isLogstoreName(name)) throw broken(`it answered "${name}", which cannot be a name`);
      seen.add(name);
      yield name;
    }
    offset += names.length;
    if (total === undefined ? names.length === 0 : offset >= total) return;
    if (fresh.length === 0) throw broken(`the list goes on after ${seen.size} names, but names no other`);
  }
}
