/**
 * Whether the whole text matches a pattern in which `*` stands for any number of characters and `?` for exactly one.
 * Takes at most pattern length × text length steps for any pattern: on a mismatch, only the last `*` is extended.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let retryAt = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      if (p === pattern.length) return true;
      retryAt = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star !== -1) {
      p = star + 1;
      t = ++retryAt;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
