import type { Mistake } from '../domain/providers/provider.ts';

/** The id of an organization (AWS Organizations API, `Organization`: its `Id`). */
export function orgIdMistake(text: string): Mistake {
  if (/^o-[a-z0-9]{10,32}$/.test(text)) return undefined;
  return `expected the id of an organization such as o-a1b2c3d4e5, got ${JSON.stringify(text)}`;
}

/** The id of an organizational unit, or of the root (AWS Organizations API, `OrganizationalUnit` and `Root`: their `Id`). */
export function unitMistake(text: string): Mistake {
  if (/^(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}|r-[0-9a-z]{4,32})$/.test(text)) return undefined;
  return `expected the id of an organizational unit such as ou-ab12-cd34ef56, got ${JSON.stringify(text)}`;
}
