import { basename, join } from 'node:path';
import { build } from 'esbuild';

/** Bundles a function with the settings of template.yaml. @returns the file to import */
export async function bundle(entry: string, outdir: string): Promise<string> {
  await build({
    format: 'esm',
    mainFields: ['module', 'main'],
    outExtension: { '.js': '.mjs' },
    splitting: true,
    target: 'node24',
    platform: 'node',
    minify: true,
    bundle: true,
    entryPoints: [entry],
    outdir,
    logLevel: 'error',
  });
  return join(outdir, basename(entry).replace(/\.ts$/, '.mjs'));
}
