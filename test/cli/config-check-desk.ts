import { aDesk, type Desk } from '../support/logseal.ts';

export const NOW = { now: () => new Date('2026-11-28T12:00:00Z') };
export const CONFIG = `schema: logseal/config/1
exemptions:
  - id: vendor-logs
    match: { names: ["/vendor/*", "^/app/.*$"] }
    reason: The vendor's agent cannot write to an encrypted group
    owner: platform@example.com
    expires: 2027-03-31
  - id: old
    match: { names: ["/gone"] }
    reason: gone
    owner: me
    expires: 2026-11-27
  - id: data
    match: { tags: { team: data } }
    reason: by tag
    owner: me
    expires: 2026-11-28
keys:
  - match: { names: ["/pay/*"] }
    key: alias/payments
  - match: { names: ["/pay/cards"] }
    key: alias/cards
`;

/** A desk without a cloud, since the command calls nothing. */
export async function aDeskWith(files: Readonly<Record<string, string>>): Promise<Desk> {
  const desk = await aDesk({});
  for (const [name, content] of Object.entries(files)) await desk.write(name, content);
  return { ...desk, run: (words, options) => desk.run(words, { ...NOW, ...options }) };
}

export function findingOf(name: string, message: string): string {
  const arn = `arn:aws:logs:eu-west-1:111122223333:log-group:${name}`;
  const store = { provider: 'aws', account: '111122223333', region: 'eu-west-1', type: 'log-group', name, arn };
  return JSON.stringify({ ...store, status: 'NON_COMPLIANT', reasons: [{ code: 'NO_KEY', message }] });
}

export function scanOf(names: readonly string[], status: string): string {
  const findings = names.map((name) => findingOf(name, 'no key')).join(',\n');
  return `{"schema":"logseal/scan/1","findings":[${findings}],"status":"${status}","targets":[]}\n`;
}
