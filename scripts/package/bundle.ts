import { join, resolve } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { prebuilt } from './prebuilt.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/**
 * Modules that the package has as they are when it is made: of package.json nothing but the version, and of the HTML report
 * (`lib/report/html/assets.ts` is the one module through which the browser's script reaches its writer) the script as it is bundled for
 * browsers, since the package contains no bundler.
 */
const PREBUILT = ['lib/version.ts', 'lib/report/html/assets.ts'].map((path) => join(ROOT, path));

const OPTIONS = {
  absWorkingDir: ROOT,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // Names stay, so that the stack of an error can be read.
  minifySyntax: true,
  minifyWhitespace: true,
  // THIRD-PARTY-LICENSES.txt has them all.
  legalComments: 'none',
  plugins: [prebuilt(PREBUILT)],
  metafile: true,
  logLevel: 'warning',
} as const satisfies BuildOptions;

/** Leaves out what is loaded on demand. The help names the formats, and asks for none. */
const WITHOUT_ON_DEMAND: Plugin = {
  name: 'without-on-demand',
  setup({ onResolve }) {
    onResolve({ filter: /.*/ }, ({ kind, path }) => (kind === 'dynamic-import' ? { path, external: true } : undefined));
  },
};

/**
 * Bundles the command with all that it depends on. What a command loads on demand is a file of its own, so that each start reads only
 * what it needs.
 * @returns what is in which file
 */
export async function bundle(outdir: string): Promise<Metafile['outputs']> {
  const builds = await Promise.all([
    build({
      ...OPTIONS,
      outfile: join(outdir, 'logseal.js'),
      entryPoints: ['scripts/package/start.ts'],
      target: 'node16',
      external: ['./*.js'],
    }),
    build({
      ...OPTIONS,
      outfile: join(outdir, 'about.js'),
      entryPoints: ['scripts/package/about.ts'],
      plugins: [...OPTIONS.plugins, WITHOUT_ON_DEMAND],
    }),
    build({
      ...OPTIONS,
      outdir,
      entryPoints: ['cli/main.ts'],
      splitting: true,
      // Without it the bundle contains the CommonJS copies of AWS's SDK.
      mainFields: ['module', 'main'],
      // Packages that are CommonJS call `require` for modules of Node.
      banner: {
        js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
      },
      alias: { 'lz4-napi': join(ROOT, 'scripts/package/no-lz4.ts') },
    }),
  ]);
  return Object.assign({}, ...builds.map(({ metafile }) => metafile.outputs));
}
