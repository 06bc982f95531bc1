import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Metafile } from 'esbuild';
import { licenceOf } from './licence.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** A package of which at least a part is bundled. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** As SPDX names it. */
  readonly licence: string;
  /** With the notices that must go with it. */
  readonly licenceText: string;
  /** The hash of its archive as `ALGORITHM-BASE64`, as the lock file has it. */
  readonly integrity: string;
}

/**
 * The packages that a bundle contains, by name and version.
 * @throws Error where the licence of one is not among those that the package may contain, or the lock file does not know it
 */
export async function packagesIn(outputs: Metafile['outputs']): Promise<BundledPackage[]> {
  const inputs = Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const directories = new Set(
    inputs.flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? (packageDirectory(path) ?? []) : [])),
  );
  const lock = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')).packages;
  const all = await Promise.all([...directories].map((directory) => readPackage(directory, lock)));
  const byId = new Map(all.map((each) => [`${each.name}@${each.version}`, each]));
  return [...byId].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, each]) => each);
}

/** `node_modules/a/node_modules/@b/c` of a file in it; undefined: it is in no package. */
function packageDirectory(path: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
}

type Lock = Readonly<Record<string, { readonly integrity?: string }>>;

async function readPackage(directory: string, lock: Lock): Promise<BundledPackage> {
  const path = join(ROOT, directory);
  const manifest = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'));
  const integrity = lock[directory]?.integrity;
  if (!integrity) throw new Error(`package-lock.json has no hash of ${directory}`);
  const files = await Promise.all(
    (await readdir(path)).toSorted().map(async (name) => ({ name, text: () => readFile(join(path, name), 'utf8') })),
  );
  const { name, version } = manifest;
  return { name, version, integrity, ...(await licenceOf(manifest, files)) };
}
