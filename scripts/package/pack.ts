import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { VERSION } from '../../lib/version.ts';
import { bundle } from './bundle.ts';
import { type BundledPackage, packagesIn } from './packages.ts';
import { sbomOf } from './sbom.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/**
 * Makes the npm package.
 * @param work an empty directory, for what is packed
 * @param destination the directory for the archive
 * @returns the path of the archive
 */
export async function pack(work: string, destination: string): Promise<string> {
  const dist = join(work, 'dist');
  const packages = await packagesIn(await bundle(dist));
  await Promise.all([
    writeFile(join(work, 'package.json'), await manifest()),
    writeFile(join(work, 'THIRD-PARTY-LICENSES.txt'), licencesText(packages)),
    writeFile(join(work, 'sbom.cdx.json'), sbomOf(VERSION, packages)),
    cp(join(import.meta.dirname, 'README.md'), join(work, 'README.md')),
    cp(join(ROOT, 'LICENSE'), join(work, 'LICENSE')),
    cp(join(ROOT, 'docs'), join(work, 'docs'), { recursive: true }),
    cp(join(ROOT, 'sandbox/worlds'), join(dist, 'worlds'), { recursive: true }),
  ]);
  await mkdir(destination, { recursive: true });
  const words = ['pack', work, '--json', '--ignore-scripts', '--pack-destination', destination];
  const { stdout } = await promisify(execFile)('npm', words, { cwd: work });
  return join(destination, JSON.parse(stdout)[0].filename);
}

async function manifest(): Promise<string> {
  const { name, version, description, license, type, engines } = JSON.parse(
    await readFile(join(ROOT, 'package.json'), 'utf8'),
  );
  const own = { name, version, description, license, type, bin: { logseal: 'dist/logseal.js' }, engines };
  return `${JSON.stringify({ ...own, dependencies: {} }, null, 2)}\n`;
}

/** Each text once, below the packages that have it. */
function licencesText(packages: readonly BundledPackage[]): string {
  const groups = [...Map.groupBy(packages, ({ licenceText }) => licenceText)];
  const sections = groups.map(([text, some]) => {
    const names = some.map(({ name, version, licence }) => `${name} ${version}: ${licence}\n`);
    return `${'-'.repeat(80)}\n${names.join('')}\n${text}\n`;
  });
  return ['logseal contains parts of these packages, under the licences below.\n', ...sections].join('\n');
}
