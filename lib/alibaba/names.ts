import { isLogstoreName } from '../domain/logstore.ts';
import { CloudError } from '../errors.ts';

/** One page of a listing by offset. */
export interface NamePage {
  /** `counts`: whether it is one of those that are wanted. */
  readonly names: readonly { readonly name: string; readonly counts: boolean }[];
  /** Of all pages; undefined: not told. */
  readonly total: number | undefined;
}

/**
 * Every name of a listing once, in its order.
 * @param call as RAM names it
 * @param fetch reads the page that begins at an offset
 * @throws CloudError when a name is none, or the listing ends before its total: rather than leave anything out in silence
 */
export async function* namesOf(call: string, fetch: (offset: number) => Promise<NamePage>): AsyncGenerator<string> {
  const seen = new Set<string>();
  for (let offset = 0; ; ) {
    const { names, total } = await fetch(offset);
    const fresh = names.filter(({ name }) => !seen.has(name));
    for (const { name, counts } of fresh) {
      if (!isLogstoreName(name)) throw brokenAnswer(call, `SLS answered "${name}", which cannot be a name`);
      seen.add(name);
      if (counts) yield name;
    }
    offset += names.length;
    if (total === undefined ? names.length === 0 : offset >= total) return;
    if (fresh.length === 0) throw brokenAnswer(call, `the list ends after ${seen.size} names of ${total ?? 'no end'}`);
  }
}

function brokenAnswer(call: string, problem: string): CloudError {
  return new CloudError('UNAVAILABLE', call, `SLS cannot be listed: ${problem}`);
}
