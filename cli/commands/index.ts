import type { CommandName } from '../command-names.ts';
import type { ExitStatus } from '../exit.ts';
import type { Host } from '../host.ts';

type Command = (words: readonly string[], host: Host) => Promise<ExitStatus>;

/** Every command. Each is loaded only when it is asked for: `policy check` needs no SDK. */
export const COMMANDS = {
  scan: async () => (await import('./scan.ts')).scan,
  plan: async () => (await import('./plan.ts')).plan,
  apply: async () => (await import('./apply.ts')).apply,
  undo: async () => (await import('./undo.ts')).undo,
  runs: async () => (await import('./runs.ts')).runs,
  'key check': async () => (await import('./key-check.ts')).keyCheck,
  'key repair': async () => (await import('./key-repair.ts')).keyRepair,
  'policy check': async () => (await import('./policy-check.ts')).policyCheck,
  'template check': async () => (await import('./template-check.ts')).templateCheck,
  'config check': async () => (await import('./config-check.ts')).configCheck,
  sandbox: async () => (await import('./sandbox.ts')).sandbox,
} as const satisfies Readonly<Record<CommandName, () => Promise<Command>>>;
