import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import type { OutgoingEvent } from '../../lib/app/ports.ts';

export type DetailType = OutgoingEvent['detailType'];

/** The file in `events/schemas/` that describes each event that logseal sends. */
export const SCHEMA_FILES: Readonly<Record<DetailType, string>> = {
  'Scan Requested': 'scan-requested',
  'Scan Completed': 'scan-completed',
  'Log Store Finding': 'log-store-finding',
  'Remediation Outcome': 'remediation-outcome',
  'Key Finding': 'key-finding',
  'Exemptions Reported': 'exemptions-reported',
};

// The fields in `if` and `then` are required outside of them.
const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: true });

const validators = new Map(
  Object.entries(SCHEMA_FILES).map(([detailType, file]) => {
    const path = new URL(`../../events/schemas/${file}.json`, import.meta.url);
    return [detailType, ajv.compile(JSON.parse(readFileSync(path, 'utf8')))];
  }),
);

/** The mistakes in a detail according to its JSON Schema. */
export function eventMistakes(detailType: string, detail: unknown): string[] {
  const validate = validators.get(detailType);
  if (!validate) return [`logseal sends no ${detailType}`];
  // As it is sent: JSON leaves out undefined fields.
  if (validate(JSON.parse(JSON.stringify(detail ?? null)))) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${detailType}${instancePath} ${message}`);
}

/** Checks a detail against its JSON Schema. Every test that receives one of logseal's events calls this. */
export function expectValidEvent(detailType: string, detail: unknown): void {
  expect({ detail, mistakes: eventMistakes(detailType, detail) }).toEqual({ detail, mistakes: [] });
}
