import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { REASON_CODES } from '../../lib/domain/reasons.ts';

it('the dashboard shows every reason that the functions report', () => {
  const template = readFileSync(resolve(import.meta.dirname, '../../template.yaml'), 'utf8');
  const [, reasons = ''] = /- Reasons: '(.*)'/.exec(template) ?? [];
  // The functions do not require the configured key, so they never report KEY_NOT_CONFIGURED, and they work on AWS only.
  const others: readonly string[] = ['KEY_NOT_CONFIGURED', 'ENCRYPTION_OFF', 'SERVICE_KEY'];
  expect(reasons.match(/KEY_\w+|NO_KEY/g)).toEqual(REASON_CODES.filter((code) => !others.includes(code)));
});
