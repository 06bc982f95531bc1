import type { ExitStatus } from '../exit-status.ts';
import type { Host } from '../host.ts';

type Command = (words: readonly string[], host: Host) => Promise<ExitStatus>;

/** Every command, in the order of the help. Each is loaded only when it is asked for: `policy check` needs no SDK. */
export const COMMANDS = {
  scan: async () => (await import('./scan.ts')).scan,
  plan: async () => (await import('./plan.ts')).plan,
  apply: async () => (await import('./apply.ts')).apply,
  undo: async () => (await import('./undo.ts')).undo,
  runs: async () => (await import('./runs.ts')).runs,
  'key check': async () => (await import('./key-check.ts')).keyCheck,
  'key repair': async () => (await import('./key-repair.ts')).keyRepair,
  'policy check': async () => (await import('./policy-check.ts')).policyCheck,
  'config check': async () => (await import('./config-check.ts')).configCheck,
  sandbox: async () => (await import('./sandbox.ts')).sandbox,
} as const satisfies Readonly<Record<string, () => Promise<Command>>>;

export type CommandName = keyof typeof COMMANDS;
export const COMMAND_NAMES = Object.keys(COMMANDS) as CommandName[];

/** The command that a command line begins with. */
export function commandIn(words: readonly string[]): CommandName | undefined {
  return COMMAND_NAMES.find((name) => `${words.join(' ')} `.startsWith(`${name} `));
}
