import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { prebuilt } from '../../scripts/package/prebuilt.ts';
import { aDirectory } from '../support/logseal.ts';

/** Bundles a module that is imported as `all`, and runs the bundle. */
async function bundled(module: string): Promise<{ text: string; all: Record<string, unknown> }> {
  const directory = await aDirectory();
  const path = join(directory, 'module.ts');
  await writeFile(path, module);
  await writeFile(join(directory, 'main.ts'), "export * as all from './module.ts';");
  const entryPoints = [join(directory, 'main.ts')];
  const { outputFiles } = await build({
    entryPoints,
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    logLevel: 'silent',
    plugins: [prebuilt([path])],
  });
  const text = outputFiles[0]?.text ?? '';
  const { all } = await import(`data:text/javascript,${encodeURIComponent(text)}`);
  return { text, all };
}

describe('a module that is replaced before it is bundled', () => {
  it('has its values and the results of its functions, and nothing of what made them', async () => {
    const { text, all } = await bundled(`
      import { readFileSync } from 'node:fs';
      export type Anything = string;
      export const VALUE: string = 'a' + 'b';
      export const now = () => ({ length: readFileSync(import.meta.filename).length > 0 });
      export async function later(): Promise<string> { return '</script>'; }`);

    expect(text).not.toMatch(/readFileSync/);
    const { VALUE, now, later } = all as { VALUE: string; now: () => unknown; later: () => Promise<unknown> };
    expect({ VALUE, now: now(), later: await later() }).toEqual({
      VALUE: 'ab',
      now: { length: true },
      later: '</script>',
    });
  });

  it('must not have functions with parameters', async () => {
    await expect(bundled('export const twice = (n: number) => 2 * n;')).rejects.toThrow('takes parameters');
  });
});
