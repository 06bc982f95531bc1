import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** The script and the style of the report, each with the hash by which the Content-Security-Policy admits it. */
export interface Assets {
  readonly script: string;
  readonly scriptHash: string;
  readonly style: string;
  readonly styleHash: string;
}

/**
 * Bundles the script and the style from their sources. A package has no esbuild: it holds another module in place of this one,
 * with a `loadAssets` that returns what this one returned when the package was built.
 */
export async function loadAssets(): Promise<Assets> {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: {
      script: join(import.meta.dirname, 'client/main.ts'),
      style: join(import.meta.dirname, 'style/report.css'),
    },
    outdir: 'out',
    bundle: true,
    minify: true,
    write: false,
    charset: 'utf8',
    target: ['chrome115', 'firefox115', 'safari16.4'],
    format: 'iife',
    legalComments: 'none',
  });
  const text = (extension: string) => outputFiles.find(({ path }) => path.endsWith(extension))?.text.trim() ?? '';
  const [script, style] = [text('.js'), text('.css')];
  return { script, scriptHash: hashOf(script), style, styleHash: hashOf(style) };
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
