/** The name of every command, in the order of the help. */
export const COMMAND_NAMES = [
  'scan',
  'plan',
  'apply',
  'undo',
  'runs',
  'key check',
  'key repair',
  'policy check',
  'template check',
  'config check',
  'sandbox',
] as const;
export type CommandName = (typeof COMMAND_NAMES)[number];

/** The command that a command line begins with. */
export function commandIn(words: readonly string[]): CommandName | undefined {
  return COMMAND_NAMES.find((name) => `${words.join(' ')} `.startsWith(`${name} `));
}
