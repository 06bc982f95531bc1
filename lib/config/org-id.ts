import type { Mistake } from '../domain/providers/provider.ts';

/** The id of an organization (AWS Organizations API, `Organization`: its `Id`). */
export function orgIdMistake(text: string): Mistake {
  if (/^o-[a-z0-9]{10,32}$/.test(text)) return undefined;
  return `expected the id of an organization such as o-a1b2c3d4e5, got ${JSON.stringify(text)}`;
}
