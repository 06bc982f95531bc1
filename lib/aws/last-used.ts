/**
 * Keeps the values that were asked for last, by name, and forgets the others.
 * @returns a function that gives the value of a name, and makes it where it is not kept
 */
export function lastUsed<T>(max: number): (name: string, make: () => T) => T {
  const kept = new Map<string, T>();
  return (name, make) => {
    const value = kept.get(name) ?? make();
    // A Map lists what was set last at its end.
    kept.delete(name);
    kept.set(name, value);
    const [oldest] = kept.keys();
    if (kept.size > max && oldest !== undefined) kept.delete(oldest);
    return value;
  };
}
