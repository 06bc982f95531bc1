import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { part } from '../../scripts/demo-part.ts';
import { cleanEnvironment, ROOT } from '../support/logseal.ts';

/** The smallest terminal that people have: 80 columns and 24 lines. */
const SCREEN = { columns: 80, lines: 24 };

describe('npm run demo', () => {
  it('ends with 0, and is shorter than three screens', async () => {
    const words = [join(ROOT, 'scripts/run.mjs'), 'scripts/demo.ts'];
    const { stdout } = await promisify(execFile)(process.execPath, words, {
      cwd: ROOT,
      env: cleanEnvironment({}, ROOT),
    });

    const lines = stdout.trimEnd().split('\n');
    expect(lines.length).toBeLessThan(3 * SCREEN.lines);
    expect(lines.filter((line) => stringWidth(line) > SCREEN.columns)).toEqual([]);
    expect(stdout).toContain('16 log stores sealed');
    expect(stdout).toContain('nothing is open');
    expect(stdout).toContain('1 unsealed');
    expect(stdout).toContain('(16 SEALED, 4 REFUSED)');
  });
});

describe('a part of an output', () => {
  const dim = (text: string) => text;

  it.each([
    [{ first: 1 }, 'a\n… 2 more lines\n'],
    [{ last: 1 }, '… 2 more lines\nc\n'],
    [{ first: 3 }, 'a\nb\nc\n'],
    [{}, 'a\nb\nc\n'],
  ])('%j says how many lines it leaves out', (shown, expected) => {
    expect(part('a\nb\nc\n', shown, dim)).toBe(expected);
  });
});
