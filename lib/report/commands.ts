/** What a shell takes as one word as it is. It does not end with the punctuation of a sentence. */
const WORD = String.raw`[\w./:@=+,%~#*-]*[\w/%~#*]`;
/** As a shell takes a word with any other character. */
const QUOTED = String.raw`'[^'\n]*'(?:\\''[^'\n]*')*`;
/** logseal is written as it was started, which may be `npm run -s logseal --` or `npx PACKAGE`. */
const LOGSEAL = `(?:npm run -s logseal --|npx (?:${QUOTED}|${WORD})|logseal)(?: [a-z]+){1,2}`;
const NAME = `(?:${LOGSEAL}|aws [a-z]+ [a-z-]+|aliyun [a-z]+ [A-Za-z]+)`;
const OPTION = ` --[A-Za-z-]*[A-Za-z](?:[ =](?!-)(?:${QUOTED}|${WORD}))?`;
/**
 * Whole: behind it the sentence ends or goes on behind punctuation, so that a command is never shorter than it was written. Without an
 * option it is only the name of a command.
 */
const COMMAND = new RegExp(String.raw`(?<![\w./-])${NAME}(?:${OPTION})+(?=$|[\n)]|[,;:.](?:\s|$))`, 'g');

/** A part of a text for people: words, or a command that they may paste. */
export interface TextPart {
  readonly type: 'WORDS' | 'COMMAND';
  readonly text: string;
}

/** Takes a text apart; together, the parts are the text again. */
export function partsOfText(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const { 0: command, index } of text.matchAll(COMMAND)) {
    if (index > end) parts.push({ type: 'WORDS', text: text.slice(end, index) });
    parts.push({ type: 'COMMAND', text: command });
    end = index + command.length;
  }
  if (end < text.length) parts.push({ type: 'WORDS', text: text.slice(end) });
  return parts;
}

/** Names and messages come from the cloud: a command with any other character, even in quotes, is not one to copy by a click. */
const HARMLESS = /^[\w ./:@=+,'*-]*$/;

/** The commands to copy in the text of a fix, in the order in which they are to be run; none: the fix is no command. */
export function commandsIn(fix: string): string[] {
  return partsOfText(fix).flatMap(({ type, text }) => (type === 'COMMAND' && HARMLESS.test(text) ? [text] : []));
}

/** What is to be replaced in a command before it is run, such as KEY. */
export function placeholdersIn(command: string): string[] {
  return [...new Set([...command.matchAll(/(?<=[ =])[A-Z]+(?:_[A-Z]+)*(?=$| )/g)].map(([word]) => word))];
}
