/** Whether something holds, in Kleene's three-valued logic. UNKNOWN: it depends on what AWS does not document. */
export type Tri = 'YES' | 'NO' | 'UNKNOWN';

export function tri(holds: boolean): Tri {
  return holds ? 'YES' : 'NO';
}

export function not(value: Tri): Tri {
  if (value === 'UNKNOWN') return value;
  return value === 'YES' ? 'NO' : 'YES';
}

/** AND over all items; YES if there are none. */
export function every<T>(items: Iterable<T>, holds: (item: T) => Tri): Tri {
  let result: Tri = 'YES';
  for (const item of items) {
    const value = holds(item);
    if (value === 'NO') return 'NO';
    if (value === 'UNKNOWN') result = 'UNKNOWN';
  }
  return result;
}

/** OR over all items; NO if there are none. */
export function some<T>(items: Iterable<T>, holds: (item: T) => Tri): Tri {
  return not(every(items, (item) => not(holds(item))));
}
