import { pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';

/**
 * An esbuild plugin that replaces modules by what they export when they are loaded here: their values, and the results of their
 * functions, which must take no parameters. What takes files or a bundler to make is thus made once, before the package is.
 * @param paths absolute
 */
export function prebuilt(paths: readonly string[]): Plugin {
  return {
    name: 'prebuilt',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async ({ path }) =>
        paths.includes(path) ? { contents: await contentsOf(path), loader: 'js' } : undefined,
      );
    },
  };
}

async function contentsOf(path: string): Promise<string> {
  const exported: [string, unknown][] = Object.entries(await import(pathToFileURL(path).href));
  const lines = exported.map(async ([name, value]) => {
    if (typeof value !== 'function') return `export const ${name} = ${JSON.stringify(value)};\n`;
    if (value.length > 0)
      throw new Error(`${name} of ${path} takes parameters, so it cannot be called before the package is made`);
    const result: unknown = value();
    const how = result instanceof Promise ? 'async () =>' : '() =>';
    return `export const ${name} = ${how} (${JSON.stringify(await result)});\n`;
  });
  return (await Promise.all(lines)).join('');
}
