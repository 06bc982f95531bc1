/** What a shell takes as it is. A text from outside that holds anything else never becomes part of a command to copy. */
const WORD = String.raw`[\w./:@=+-]*\w`;
const NAME = `(?:logseal(?: [a-z]+){1,2}|aws [a-z]+ [a-z-]+|aliyun [a-z]+ [A-Za-z]+)`;
const OPTION = String.raw` --[A-Za-z-]*[A-Za-z](?:[ =](?!-)(?:${WORD}|'[\w./:@=+*-]+'))?`;
/** Without an option it is only the name of a command in a sentence. */
const COMMAND = new RegExp(String.raw`(?<![\w.-])${NAME}(?:${OPTION})+(?=$|[\s,;:.)])`, 'g');

/** What makes a key that was to be deleted work again, which takes two calls. */
const ENABLING: readonly (readonly [cancel: string, enable: string])[] = [
  ['aws kms cancel-key-deletion', 'aws kms enable-key'],
  ['aliyun kms CancelKeyDeletion', 'aliyun kms EnableKey'],
];

/** The commands in the text of a fix, in the order in which they are to be run; none: the fix is no command. */
export function commandsIn(fix: string): string[] {
  const commands = [...fix.matchAll(COMMAND)].map(([command]) => command);
  if (!fix.endsWith(', then enable it')) return commands;
  return commands.flatMap((command) => {
    const [cancel, enable] = ENABLING.find(([name]) => command.startsWith(name)) ?? [];
    return cancel && enable ? [command, command.replace(cancel, enable)] : [command];
  });
}

/** What is to be replaced in a command before it is run, such as KEY. */
export function placeholdersIn(command: string): string[] {
  return [...new Set([...command.matchAll(/(?<=[ =])[A-Z]+(?:_[A-Z]+)*(?=$| )/g)].map(([word]) => word))];
}
