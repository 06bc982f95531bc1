import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../support/logseal.ts';

const inputs = (await readdir(ROOT)).filter((name) => /^requirements.*\.in$/.test(name));

describe.each(inputs)('%s', (input) => {
  it('is what its .txt pins, and every package there has hashes', async () => {
    const wanted = (await readFile(join(ROOT, input), 'utf8')).split('\n').filter((line) => /^\w/.test(line));
    const text = await readFile(join(ROOT, input.replace(/\.in$/, '.txt')), 'utf8');
    const pinned = text.split(/\n(?=\w)/).filter((entry) => /^\w/.test(entry));

    expect(wanted.length).toBeGreaterThan(0);
    const names = pinned.map((entry) => entry.split(/[ \\]/)[0]);
    expect(names).toEqual(expect.arrayContaining(wanted.map((line) => line.replace(/\[.*\]/, ''))));
    for (const entry of pinned) expect(entry).toMatch(/^[\w.-]+==\S+ [\s\S]*--hash=sha256:[0-9a-f]{64}/);
  });
});
