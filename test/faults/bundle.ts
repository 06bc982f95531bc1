import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const ROOT = resolve(import.meta.dirname, '../..');

/** The template with its functions bundled, as `sam build` does, which start much faster than their sources. */
export interface BundledTemplate {
  readonly path: string;
  remove(): Promise<void>;
}

export async function bundleTemplate(): Promise<BundledTemplate> {
  const directory = await mkdtemp(join(tmpdir(), 'logseal-faults-'));
  await build({
    entryPoints: [join(ROOT, 'functions/scan.ts'), join(ROOT, 'functions/remediate.ts')],
    outdir: join(directory, 'functions'),
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node24', splitting: true, logLevel: 'error' },
    mainFields: ['module', 'main'],
    banner: { js: 'import { createRequire as forYaml } from "node:module"; const require = forYaml(import.meta.url);' },
    outExtension: { '.js': '.mjs' },
  });
  const template = await readFile(join(ROOT, 'template.yaml'), 'utf8');
  const path = join(directory, 'template.yaml');
  await writeFile(path, template.replace(/EntryPoints: \[(\w+)\.ts\]/g, 'EntryPoints: [$1.mjs]'));
  return { path, remove: () => rm(directory, { recursive: true, force: true }) };
}
