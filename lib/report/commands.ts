/**
 * A command, its words and options, inside a sentence: `logseal key repair --key KEY`, `aws kms enable-key --key-id ARN`. logseal is
 * written as it was started, which may be `npm run -s logseal --` or `npx PACKAGE`.
 */
const COMMAND =
  /\b(?:(?:npm run -s logseal --|npx (?:'[^']*'|\S+)|logseal) (?:scan|plan|apply|undo|runs|key check|key repair|policy check|config check|sandbox)|aws [a-z\d-]+ [a-z\d-]+|aliyun [a-z]+ \w+)(?: --[A-Za-z-]+(?:[= ](?:'[^']*'|(?!--)(?:[^\s,;:)]|[,;:)](?=\S))+))?)*/g;

/** A part of a text for people: words, or a command that they may paste. */
export interface TextPart {
  readonly type: 'WORDS' | 'COMMAND';
  readonly text: string;
}

/** Takes a text apart; together, the parts are the text again. A command without options is words: nobody pastes it. */
export function partsOfText(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const { 0: command, index } of text.matchAll(COMMAND)) {
    if (!command.includes(' --')) continue;
    if (index > end) parts.push({ type: 'WORDS', text: text.slice(end, index) });
    parts.push({ type: 'COMMAND', text: command });
    end = index + command.length;
  }
  if (end < text.length) parts.push({ type: 'WORDS', text: text.slice(end) });
  return parts;
}
