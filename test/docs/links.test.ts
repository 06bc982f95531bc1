import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../support/logseal.ts';
import { type Page, readPage, readPages, withoutBlocks } from './pages.ts';

/** What comes from other branches. */

describe.each(readPages().map((page) => [page.path, page] as const))('links of %s', (_, page) => {
  it('lead to files and headings that exist', () => {
    const broken = linksOf(page).filter((link) => !/^https:\/\//.test(link) && isBroken(page, link));

    expect(broken).toEqual([]);
  });

  it('are not in plain http', () => {
    expect(linksOf(page).filter((link) => link.startsWith('http:'))).toEqual([]);
  });
});

it('a page of docs/ can be reached from README.md', () => {
  const reached = new Set(['README.md']);
  for (const path of reached) {
    const targets = linksOf(readPage(path)).map((link) => targetOf(path, link).path);
    for (const target of targets) if (target.endsWith('.md') && existsSync(join(ROOT, target))) reached.add(target);
  }

  expect(readPages().filter(({ path }) => !reached.has(path))).toEqual([]);
});

it('headings become anchors as GitHub makes them', () => {
  expect(['What `undo` does', 'One error, five causes', 'A  b', '`[a](b)` c'].map(anchorOf)).toEqual([
    'what-undo-does',
    'one-error-five-causes',
    'a--b',
    'ab-c',
  ]);
});

function linksOf({ text }: Page): string[] {
  const markdown = [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return markdown;
}

function targetOf(from: string, link: string): { path: string; anchor: string | undefined } {
  const [file = '', anchor] = link.split('#');
  return { path: file ? relative('.', join(dirname(from), file)) : from, anchor };
}

function isBroken({ path: from }: Page, link: string): boolean {
  const { path, anchor } = targetOf(from, link);
  if (path.startsWith('..') || !existsSync(join(ROOT, path))) return true;
  if (anchor === undefined) return false;
  return statSync(join(ROOT, path)).isDirectory() || !anchorsOf(readPage(path)).includes(anchor);
}

function anchorsOf({ text }: Page): string[] {
  return [...withoutBlocks(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
}

/** GitHub keeps letters, digits, hyphens and underscores, and makes each space a hyphen. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}
