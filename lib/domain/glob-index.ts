import { globMatches, literalsIn } from './glob.ts';

/** Returns the numbers of the globs that match a text, in no order. */
export type GlobIndex = (text: string) => readonly number[];

interface Node {
  readonly next: Map<number, Node>;
  /** The node of the longest proper end of this one's text that is a node too. Absent: the root. */
  shorter: Node | null;
  /** The globs whose literal part ends here. */
  globs: number[];
}

/**
 * Prepares many globs, so that a text is compared with few of them: only with those that have a literal part in it. Of several parts it is
 * the one that the fewest other globs have, such as the end of those that all begin with /aws/lambda/. All parts are found in one pass over the text (Aho and Corasick, "Efficient string matching", 1975).
 */
export function globIndex(globs: readonly string[]): GlobIndex {
  const root = newNode();
  /** They have no literal part, so that any text may match. */
  const always: number[] = [];
  const parts = globs.map(literalsIn);
  const uses = new Map<string, number>();
  for (const part of parts.flatMap((some) => [...new Set(some)])) uses.set(part, (uses.get(part) ?? 0) + 1);
  const rank = (part: string) => (uses.get(part) ?? 0) - part.length / MAX_LENGTH;
  for (const [index, some] of parts.entries()) {
    const [literal] = some.toSorted((one, other) => rank(one) - rank(other));
    if (literal === undefined) always.push(index);
    else nodeOf(root, literal).globs.push(index);
  }
  linkShorter(root);
  return (text) => {
    const candidates = new Set(always);
    let node: Node = root;
    for (let at = 0; at < text.length; at++) {
      node = step(root, node, text.charCodeAt(at));
      for (const index of node.globs) candidates.add(index);
    }
    return [...candidates].filter((index) => globMatches(globs[index] ?? '', text));
  };
}

/** Longer than any glob, so that of parts with as many uses the longer one comes first. */
const MAX_LENGTH = 10_000;

function newNode(): Node {
  return { next: new Map(), shorter: null, globs: [] };
}

function nodeOf(root: Node, literal: string): Node {
  let node = root;
  for (let at = 0; at < literal.length; at++) {
    const code = literal.charCodeAt(at);
    const next = node.next.get(code) ?? newNode();
    node.next.set(code, next);
    node = next;
  }
  return node;
}

function step(root: Node, from: Node, code: number): Node {
  for (let node: Node | null = from; node; node = node.shorter) {
    const next = node.next.get(code);
    if (next) return next;
  }
  return root;
}

/** Level by level, since a node's shorter one is nearer to the root. */
function linkShorter(root: Node): void {
  const queue = [...root.next.values()];
  for (const node of queue) node.shorter = root;
  for (let node = queue.shift(); node; node = queue.shift()) {
    for (const [code, next] of node.next) {
      next.shorter = step(root, node.shorter ?? root, code);
      next.globs = [...next.globs, ...next.shorter.globs];
      queue.push(next);
    }
  }
}
