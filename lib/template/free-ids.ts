/** Gives ids that a file does not have, each for one thing: the same one each time. */
export function freeIds(taken: Iterable<string>): (wanted: string, what: string) => string {
  const used = new Set(taken);
  const given = new Map<string, string>();
  /** The next number to try. */
  const numbers = new Map<string, number>();
  return (wanted, what) => {
    const thing = `${wanted}\n${what}`;
    const known = given.get(thing);
    if (known !== undefined) return known;
    let id = wanted;
    let number = numbers.get(wanted) ?? 2;
    for (; used.has(id); number++) id = `${wanted}${number}`;
    numbers.set(wanted, number);
    used.add(id);
    given.set(thing, id);
    return id;
  };
}
