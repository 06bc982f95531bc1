import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Version } from '@cyclonedx/cyclonedx-library/Spec';
import { JsonStrictValidator } from '@cyclonedx/cyclonedx-library/Validation';
import { describe, expect, it } from 'vitest';
import { anEmptyDirectory, PACKAGE, runLine } from './installed.ts';

const MAX_UNPACKED_BYTES = 25 * 1024 * 1024;
/** In two files, Node takes a few milliseconds for this: `--help` starts within one and a half times an empty program. */
const MAX_HELP_BYTES = 48 * 1024;

const read = (name: string) => readFile(join(PACKAGE, name), 'utf8');
const manifest = JSON.parse(await read('package.json'));
const names = (await readdir(PACKAGE, { recursive: true, withFileTypes: true }))
  .filter((each) => each.isFile())
  .map((each) => join(each.parentPath, each.name).slice(PACKAGE.length + 1));

describe('the package', () => {
  it('depends on nothing, and runs nothing when it is installed', () => {
    expect(manifest).toMatchObject({ name: 'logseal', dependencies: {}, bin: { logseal: 'dist/logseal.js' } });
    expect(Object.keys(manifest).filter((name) => /scripts|dependencies/i.test(name))).toEqual(['dependencies']);
  });

  it('is small', async () => {
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(PACKAGE, name))).size));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);

    process.stdout.write(`unpacked: ${(bytes / 1024 / 1024).toFixed(1)} MiB in ${names.length} files\n`);
    expect(bytes).toBeLessThanOrEqual(MAX_UNPACKED_BYTES);
  });

  it('has JavaScript, documents and the worlds of the sandbox, and neither functions nor native code', () => {
    const own = ['LICENSE', 'README.md', 'THIRD-PARTY-LICENSES.txt', 'package.json', 'sbom.cdx.json'];
    expect(names).toEqual(expect.arrayContaining([...own, 'docs/ci.md', 'dist/logseal.js', 'dist/worlds/demo.yaml']));
    const others = names.filter((name) => !own.includes(name));
    expect(
      others.filter((name) => !/^(docs\/(images\/)?[^/]+|dist\/[^/]+\.js|dist\/worlds\/\w+\.yaml)$/.test(name)),
    ).toEqual([]);
  });

  it('names its parts in a valid CycloneDX bill, each with its licence in the package', async () => {
    const bill = await read('sbom.cdx.json');
    const licences = await read('THIRD-PARTY-LICENSES.txt');

    expect(await new JsonStrictValidator(Version.v1dot6).validate(bill)).toBeNull();
    const { metadata, components } = JSON.parse(bill);
    expect(metadata.component).toMatchObject({ name: 'logseal', version: manifest.version });
    expect(components.length).toBeGreaterThan(30);
    for (const { group, name, version, purl, licenses, externalReferences } of components) {
      const full = group ? `${group}/${name}` : name;
      expect(licences).toContain(`\n${full} ${version}: ${licenses[0].license?.id ?? licenses[0].expression}\n`);
      expect(purl).toBe(`pkg:npm/${full.replace('@', '%40')}@${version}`);
      expect(externalReferences[0].hashes[0]).toMatchObject({
        alg: 'SHA-512',
        content: expect.stringMatching(/^[0-9a-f]{128}$/),
      });
    }
    const bundled = components.map(({ purl }: { purl: string }) => purl).join('\n');
    expect(bundled).toContain('pkg:npm/%40aws-sdk/client-kms@');
    expect(bundled).not.toMatch(/lz4-napi|esbuild|powertools/);
  });

  it.each(['--help', 'scan --help', '--version'])('loads only a little for %s', async (words) => {
    const log = `import { registerHooks } from 'node:module';
      registerHooks({ load(url, context, next) { if (url.startsWith('file:')) process.stderr.write(url + '\\n'); return next(url, context); } });`;
    const line = `node --import 'data:text/javascript,${encodeURIComponent(log).replaceAll("'", '%27')}' ${PACKAGE}/dist/logseal.js ${words}`;

    const { status, stderr } = await runLine(line, await anEmptyDirectory());

    const files = stderr
      .trim()
      .split('\n')
      .map((url) => fileURLToPath(url));
    const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
    expect(status).toBe(0);
    expect(files).toEqual([join(PACKAGE, 'dist/logseal.js'), join(PACKAGE, 'dist/about.js')]);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MAX_HELP_BYTES);
  });
});
