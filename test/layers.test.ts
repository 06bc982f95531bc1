import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Dependencies point inward (CONTRIBUTING.md, "Layout"): which layers each layer may import, itself aside. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'lib/domain': [],
  'lib/errors.ts': [],
  'lib/pacing.ts': [],
  'lib/version.ts': ['package.json'],
  'lib/config': ['lib/domain', 'lib/errors.ts'],
  'lib/template': ['lib/domain', 'lib/errors.ts'],
  'lib/app': ['lib/domain', 'lib/errors.ts', 'lib/pacing.ts'],
  // What runs in a browser.
  'lib/report/html/client': ['lib/report/html/report-data.ts', 'lib/report/commands.ts', 'lib/report/html/sentence.ts'],
  // What a package replaces, since it has no esbuild.
  'lib/report/html/assets.ts': [],
  'lib/report': ['lib/app', 'lib/domain', 'lib/errors.ts', 'lib/version.ts'],
  'lib/aws': ['lib/app/ports.ts', 'lib/domain', 'lib/errors.ts', 'lib/pacing.ts'],
  'lib/runtime.ts': ['lib/aws', 'lib/app/ports.ts', 'lib/domain', 'lib/errors.ts', 'lib/pacing.ts'],
  'lib/alibaba': ['lib/app/ports.ts', 'lib/domain', 'lib/errors.ts', 'lib/pacing.ts'],
  'lib/runtime-alibaba.ts': ['lib/alibaba', 'lib/app/ports.ts', 'lib/domain', 'lib/errors.ts'],
  'lib/lambda': ['lib/app', 'lib/domain', 'lib/errors.ts', 'lib/config', 'lib/pacing.ts'],
  functions: ['lib/lambda', 'lib/config', 'lib/pacing.ts', 'lib/runtime.ts'],
  cli: [
    'lib/app',
    'lib/domain',
    'lib/errors.ts',
    'lib/config',
    'lib/pacing.ts',
    'lib/report',
    'lib/template',
    'lib/version.ts',
    'lib/runtime.ts',
    'lib/runtime-alibaba.ts',
    'sandbox/own-worlds.ts',
    'sandbox/sandbox.ts',
  ],
  sandbox: ['lib/domain', 'lib/errors.ts', 'lib/template'],
};

/** Packages that a layer may import; a layer that is not here may import any dependency. */
const MAY_USE: Readonly<Record<string, RegExp>> = {
  'lib/domain': /^$/,
  'lib/errors.ts': /^$/,
  'lib/pacing.ts': /^$/,
  'lib/version.ts': /^$/,
  'lib/config': /^yaml$/,
  'lib/template': /^js-yaml$/,
  'lib/app': /^(p-map|node:timers\/promises)$/,
  'lib/report/html/client': /^$/,
  'lib/report/html/assets.ts': /^(esbuild|node:crypto|node:path)$/,
  'lib/report': /^(string-width|wrap-ansi|cli-truncate|diff|node:(util|crypto))$/,
  'lib/runtime.ts': /^$/,
  'lib/runtime-alibaba.ts': /^$/,
  cli: /^(node:.*|p-map|valibot|leven)$/,
};

const root = resolve(import.meta.dirname, '..');
const files = ['lib', 'functions', 'cli', 'sandbox'].flatMap((directory) =>
  readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(directory, name)),
);
const imports = files.flatMap((file) =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
    ([, specifier = '']) => ({
      file,
      specifier,
      path: specifier.startsWith('.') ? relative(root, resolve(root, dirname(file), specifier)) : null,
    }),
  ),
);
const layerOf = (path: string) =>
  Object.keys(MAY_IMPORT).find((layer) => path === layer || path.startsWith(`${layer}/`));

describe('layers', () => {
  it('sees the whole source', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(imports.length).toBeGreaterThan(150);
    expect(files.filter((file) => !layerOf(file))).toEqual([]);
  });

  it('import inward only', () => {
    const outward = imports.filter(({ file, path }) => {
      const layer = layerOf(file) ?? '';
      const allowed = [layer, ...(MAY_IMPORT[layer] ?? [])];
      return path !== null && !allowed.some((inner) => path === inner || path.startsWith(`${inner}/`));
    });
    expect(outward).toEqual([]);
  });

  it('have no circles, not even of types', () => {
    const importsOf = Map.groupBy(imports, ({ file }) => file);
    const done = new Set<string>();
    const circles: string[][] = [];
    const visit = (file: string, trail: readonly string[]): void => {
      if (trail.includes(file)) circles.push([...trail.slice(trail.indexOf(file)), file]);
      if (done.has(file) || trail.includes(file)) return;
      for (const { path } of importsOf.get(file) ?? []) if (path !== null) visit(path, [...trail, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);

    expect(circles).toEqual([]);
  });

  it('use only the packages that are theirs', () => {
    const foreign = imports.filter(({ file, specifier, path }) => {
      const allowed = MAY_USE[layerOf(file) ?? ''];
      return path === null && allowed && !allowed.test(specifier);
    });
    expect(foreign).toEqual([]);
  });

  it('the core reads no environment, clock, console or randomness', () => {
    const impure = files
      .filter((file) => file.startsWith('lib/domain'))
      .filter((file) =>
        /process\.|console\.|new Date\(\)|Date\.now|Math\.random/.test(readFileSync(join(root, file), 'utf8')),
      );
    expect(impure).toEqual([]);
  });

  it('neither the core nor the commands ask which provider it is: what is special about one is in its file', () => {
    const asking = files
      .filter((file) => /^(cli|lib\/(domain|app|report|config))\//.test(file))
      .filter((file) => /(===|!==) '(aws|alibaba)'/.test(readFileSync(join(root, file), 'utf8')));
    expect(asking).toEqual([]);
  });

  it('commands know the time by the host only', () => {
    const direct = files
      .filter((file) => file.startsWith('cli') && file !== 'cli/main.ts')
      .filter((file) => /new Date\(\)|Date\.now/.test(readFileSync(join(root, file), 'utf8')));
    expect(direct).toEqual([]);
  });

  it('commands reach their process through the host only', () => {
    const direct = files
      .filter((file) => file.startsWith('cli') && file !== 'cli/main.ts')
      .filter((file) =>
        /\bprocess\.\w|node:process/.test(readFileSync(join(root, file), 'utf8').replace(/`process\.env`/g, '')),
      );
    expect(direct).toEqual([]);
  });
});
