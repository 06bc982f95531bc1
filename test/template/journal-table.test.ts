import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

it('the journal table outlives the stack and cannot be deleted by mistake', () => {
  const template = readFileSync(resolve(import.meta.dirname, '../../template.yaml'), 'utf8');

  const [table = ''] = /^ {2}JournalTable:[\s\S]*?(?=^ {2}\w)/m.exec(template) ?? [];

  expect(table).toContain('\n    DeletionPolicy: Retain\n    UpdateReplacePolicy: Retain\n');
  expect(table).toContain('\n      DeletionProtectionEnabled: true');
  expect(table).toContain('PointInTimeRecoveryEnabled: true');
});
