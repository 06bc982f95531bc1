/**
 * Whether a glob matches a whole text: `*` stands for any run of characters, `/` too, and `?` for one. Upper and lower case differ.
 * Takes time proportional to the product of both lengths at most, whatever the glob is.
 */
export function globMatches(glob: string, text: string): boolean {
  let inGlob = 0;
  let inText = 0;
  // Where to go on if what follows the last `*` does not match here.
  let afterStar = -1;
  let resume = 0;
  while (inText < text.length) {
    const sign = glob[inGlob];
    if (sign === '*') {
      afterStar = ++inGlob;
      resume = inText;
    } else if (sign === '?' || sign === text[inText]) {
      inGlob++;
      inText++;
    } else if (afterStar >= 0) {
      inGlob = afterStar;
      inText = ++resume;
    } else {
      return false;
    }
  }
  while (glob[inGlob] === '*') inGlob++;
  return inGlob === glob.length;
}

/** The parts of a glob without wildcards, each of which every text that it matches contains. */
export function literalsIn(glob: string): string[] {
  return glob.split(/[*?]+/).filter((part) => part !== '');
}
