import type { World } from '../../sandbox/world.ts';

export const ACCOUNT = '111122223333';

/** Healthy keys, each with as many groups. */
export function manyKeys(keys: number, groupsEach: number): World {
  const names = Array.from({ length: keys }, (_, index) => `key-${index}`);
  return {
    keys: Object.fromEntries(names.map((name) => [name, { policy: 'logs' }])),
    bulk: names.map((name) => ({ name: `/${name}/{n}`, count: groupsEach, key: name })),
  };
}
