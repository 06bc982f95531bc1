/** As many different things as are remembered at once, so that memory stays bounded. */
const MAX_REMEMBERED = 20_000;

/**
 * Returns the same object for equal ones, as long as there are not too many different ones; after that, equal ones may be
 * several objects.
 * @param keyOf the same text for equal things alone
 */
export function interned<T>(keyOf: (thing: T) => string): (thing: T) => T {
  let known = new Map<string, T>();
  return (thing) => {
    const key = keyOf(thing);
    const same = known.get(key);
    if (same !== undefined) return same;
    if (known.size >= MAX_REMEMBERED) known = new Map();
    known.set(key, thing);
    return thing;
  };
}

/** Numbers objects, so that a key made of several stays short. */
export function numbered(): (thing: object | null) => number {
  const numbers = new WeakMap<object, number>();
  let next = 1;
  return (thing) => {
    if (thing === null) return 0;
    const known = numbers.get(thing);
    if (known !== undefined) return known;
    numbers.set(thing, next);
    return next++;
  };
}
