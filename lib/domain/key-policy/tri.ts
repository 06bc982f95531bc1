/** Whether something holds, where undocumented behaviour of AWS may decide. Kleene's three-valued logic. */
export type Tri = 'YES' | 'NO' | 'UNKNOWN';

export function tri(holds: boolean): Tri {
  return holds ? 'YES' : 'NO';
}

export function not(value: Tri): Tri {
  if (value === 'UNKNOWN') return value;
  return value === 'YES' ? 'NO' : 'YES';
}

/** YES of nothing. */
export function every<T>(items: Iterable<T>, holds: (item: T) => Tri): Tri {
  let result: Tri = 'YES';
  for (const item of items) {
    const value = holds(item);
    if (value === 'NO') return 'NO';
    if (value === 'UNKNOWN') result = 'UNKNOWN';
  }
  return result;
}

/** NO of nothing. */
export function some<T>(items: Iterable<T>, holds: (item: T) => Tri): Tri {
  return not(every(items, (item) => not(holds(item))));
}
