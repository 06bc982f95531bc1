import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import { partsOfText } from './commands.ts';

/** How much further the second line of a broken one is indented. */
const HANGING = 2;

/**
 * Breaks each line that is wider than a terminal between its words, and indents what follows it. A command begins on a line of its own
 * and goes on behind a backslash, so that it can be pasted. What has no space, such as an ARN, stays whole. Colours take no room.
 * @param width in columns
 */
export function fitted(text: string, width: number): string {
  return text.replace(/[^\n]+/g, (line) =>
    stringWidth(line) > width && !KEPT.test(stripVTControlCharacters(line)) ? broken(line, width) : line,
  );
}

/** Lines of a command that was broken before, of a difference, of JSON, and of YAML and HCL: a break would change what they say. */
const KEPT = / \\$|^ *--\w|^(---|\+\+\+|@@) |^[-+ ] *["{}[\]]|^ {4,}(?:- )?[\w.:]+ *[=:] /;

function broken(line: string, width: number): string {
  const [indent = ''] = /^ */.exec(line) ?? [];
  const more = `${indent}${' '.repeat(HANGING)}`;
  const room = Math.max(width - more.length, 1);
  const lines = partsOfText(line.slice(indent.length)).flatMap(({ type, text }, index) =>
    type === 'COMMAND' ? commandLines(text, room) : wordLines(index === 0 ? text : text.replace(/^[,;:]? /, ''), room),
  );
  return lines.map((each, index) => `${index === 0 ? indent : more}${each}`).join('\n');
}

function wordLines(words: string, room: number): string[] {
  return wrapAnsi(words.trimEnd(), room, { hard: false }).split('\n').filter(Boolean);
}

/** Breaks before an option, since a word with spaces in quotes must stay whole. */
function commandLines(command: string, room: number): string[] {
  // Not inside quotes.
  const [first = '', ...options] = command.split(/ (?=--(?:[^']*'[^']*')*[^']*$)/);
  const lines = [first];
  for (const option of options) {
    const last = lines.at(-1) ?? '';
    // Behind the line come a space and a backslash.
    if (stringWidth(`${last} ${option}`) + 2 <= room) lines[lines.length - 1] = `${last} ${option}`;
    else lines.push(option);
  }
  return lines.map((each, index) => `${index === 0 ? '' : '  '}${each}${index < lines.length - 1 ? ' \\' : ''}`);
}
