import { expect } from 'vitest';
import type { Desk, Words } from '../support/logseal.ts';

/** Runs a command that must be refused before anything is called or written. @returns its mistakes, one line each */
export async function mistakesOf(desk: Desk, words: Words, env: Record<string, string> = {}): Promise<string[]> {
  const { status, stdout, stderr } = await desk.run(words, { env });
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(desk.sandbox.calls()).toEqual({});
  expect(await desk.files()).toEqual([]);
  expect(stderr).not.toContain('    at ');
  const lines = stderr.trimEnd().split('\n');
  expect(lines.pop()).toMatch(/^see logseal [a-z -]*--help$/);
  return lines.map((line) => line.replace(/^logseal: /, ''));
}
