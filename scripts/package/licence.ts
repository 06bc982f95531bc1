import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/** Licences that ask for no more than that their text goes with the copy. */
const ALLOWED = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Unlicense',
];
/** What packages write instead of the name that SPDX gives. */
const ALIASES: Readonly<Record<string, string>> = { 'Apache License 2.0': 'Apache-2.0' };

const LICENCE_FILE = /^(?:licen[cs]e|copying|unlicense|notice)(?:[.-]|$)/i;
/** The section of a README that has a whole licence in it. */
const LICENCE_SECTION = /^(?:#{1,3} *licen[cs]e|licen[cs]e *\n-{3,}) *$[\s\S]*?permission[\s\S]*/im;

export interface Manifest {
  readonly name: string;
  readonly license?: unknown;
  readonly author?: string | { readonly name?: string };
}

export interface PackageFile {
  readonly name: string;
  text(): Promise<string>;
}

/**
 * A package's licence and its text: from its files, else from its README, else the standard text of the licence that it names.
 * @throws Error where the licence is not allowed, or no text of it is known
 */
export async function licenceOf(
  manifest: Manifest,
  files: readonly PackageFile[],
): Promise<{ licence: string; licenceText: string }> {
  const named = typeof manifest.license === 'string' ? manifest.license : '';
  const licence = ALIASES[named] ?? named;
  const names = licence.replace(/^\((.*)\)$/, '$1').split(' OR ');
  const chosen = names.find((name) => ALLOWED.includes(name));
  if (!chosen)
    throw new Error(
      `${manifest.name} has the licence ${JSON.stringify(manifest.license)}, expected one of ${ALLOWED.join(', ')}`,
    );
  const own = await Promise.all(files.filter(({ name }) => LICENCE_FILE.test(name)).map((file) => file.text()));
  if (own.length > 0) return { licence, licenceText: own.map((text) => text.trim()).join('\n\n') };
  const readme = await files.find(({ name }) => /^readme(?:\.|$)/i.test(name))?.text();
  const section = LICENCE_SECTION.exec(readme ?? '')?.[0];
  return { licence, licenceText: section?.trim() ?? (await standardText(chosen, manifest)) };
}

const STANDARD: Readonly<Record<string, string>> = {
  ISC: `Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted,
provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED
WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR
CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT,
NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.`,
  MIT: `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software
is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES
OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE
LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR
IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`,
};

async function standardText(licence: string, { name, author }: Manifest): Promise<string> {
  const text = licence === 'Apache-2.0' ? await readFile(join(ROOT, 'LICENSE'), 'utf8') : STANDARD[licence];
  if (!text) throw new Error(`${name} has no text of its licence ${licence}`);
  const holder = (typeof author === 'string' ? author : author?.name) || `the authors of ${name}`;
  return `The package has no text of the licence that it names, which is ${licence}. Its standard text:\n\nCopyright (c) ${holder}\n\n${text.trim()}`;
}
