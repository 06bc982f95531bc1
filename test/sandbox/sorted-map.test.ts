import { expect, it, vi } from 'vitest';
import { SortedMap } from '../../sandbox/sorted-map.ts';

function aMap(size: number) {
  const map = new SortedMap<number>();
  for (let n = size; n > 0; n--) map.set(`/${String(n).padStart(4, '0')}`, n);
  return map;
}

it('is in ASCII order from any name, after every change', () => {
  const map = aMap(5);
  expect([...map.from('')]).toEqual([1, 2, 3, 4, 5]);
  expect([...map.from('/0004')]).toEqual([4, 5]);
  expect([...map.from('/0002x')]).toEqual([3, 4, 5]);
  map.delete('/0004');
  map.set('/0003x', 35);
  expect([...map.from('/0003')]).toEqual([3, 35, 5]);
});

it('sorts once, and reads no more values than a page has', () => {
  const map = aMap(1000);
  const [keys, get] = [vi.spyOn(map, 'keys'), vi.spyOn(map, 'get')];

  for (const start of ['/0001', '/0500', '/0900']) expect(map.from(start).take(50).toArray()).toHaveLength(50);

  expect(keys).toHaveBeenCalledTimes(1);
  expect(get).toHaveBeenCalledTimes(150);
});
