/** Values by name. Names are sorted once after a change, so reading a page neither sorts nor copies. */
export class SortedMap<Value> extends Map<string, Value> {
  #names: string[] | undefined;

  override set(name: string, value: Value): this {
    if (!this.has(name)) this.#names = undefined;
    return super.set(name, value);
  }

  override delete(name: string): boolean {
    this.#names = undefined;
    return super.delete(name);
  }

  /** In ASCII order, beginning with `start` or the first name after it. */
  *from(start: string): Generator<Value> {
    this.#names ??= [...this.keys()].sort();
    const names = this.#names;
    let low = 0;
    for (let high = names.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if ((names[middle] ?? '') < start) low = middle + 1;
      else high = middle;
    }
    for (; low < names.length; low++) yield this.get(names[low] ?? '') as Value;
  }
}
