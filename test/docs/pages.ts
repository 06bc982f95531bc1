import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/logseal.ts';

/** A document of the repository. */
export interface Page {
  /** From the top of the repository. */
  readonly path: string;
  readonly text: string;
  /** What is between backquotes in its sentences and tables. */
  readonly spans: readonly string[];
  readonly blocks: readonly Block[];
}

/** A fenced block of code. */
export interface Block {
  readonly language: string;
  readonly text: string;
  /** What the HTML comment before it says; null: there is none. */
  readonly comment: string | null;
}

/** README.md, CONTRIBUTING.md and the pages of docs/. */
export function readPages(): Page[] {
  const docs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', 'CONTRIBUTING.md', ...docs.map((name) => `docs/${name}`)].map(readPage);
}

export function readPage(path: string): Page {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const blocks = [...text.matchAll(FENCED)].map(([, comment, language = '', code = '']) => ({
    ...{ language, text: code, comment: comment?.trim() ?? null },
  }));
  const sentences = withoutBlocks(text);
  const spans = [...sentences.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span.replace(/\s+/g, ' '));
  return { path, text, spans, blocks };
}

const FENCED = /(?:^<!--(.*?)-->\n)?^```(\w*)\n(.*?)^```$/gms;

/** The sentences and tables of a page. */
export function withoutBlocks(text: string): string {
  return text.replace(FENCED, '');
}

/**
 * The commands of logseal in a block of a shell, without their comments. Other programs in it are not among them.
 * @returns each as its words, without `logseal` or `npm run -s logseal --`
 */
export function commandsIn(block: string): string[][] {
  const lines = block.replaceAll('\\\n', ' ').split('\n');
  return lines.flatMap((line) => {
    const words = wordsOf(line);
    const typed = [['npm', 'run', '-s', 'logseal', '--'], ['logseal']].find((start) =>
      start.every((word, index) => words[index] === word),
    );
    return typed ? [words.slice(typed.length)] : [];
  });
}

/** As a shell splits a line that has no quotes but whole words in single ones. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(#.*)|(\S+)/g)].flatMap(([, quoted, comment, word]) =>
    comment === undefined ? [quoted ?? word ?? ''] : [],
  );
}

const MANIFEST = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** The npm scripts of the repository. */
export const SCRIPTS: readonly string[] = Object.keys(MANIFEST.scripts);
