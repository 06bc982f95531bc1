import { VERSION } from '../lib/version.ts';
import { commandIn } from './command-names.ts';
import { EXIT, type ExitStatus } from './exit.ts';
import { folded, HELP, helpFor } from './help.ts';
import type { Host } from './host.ts';
import { asTyped } from './started-as.ts';

/** Says what a command line asks about logseal itself: which version it is, or how to use it. */
export function about(words: readonly string[], host: Pick<Host, 'out' | 'startedAs'>): ExitStatus {
  if (words[0] === '--version') {
    host.out.write(`logseal ${VERSION}\n`);
    return EXIT.OK;
  }
  const command = commandIn(words[0] === 'help' ? words.slice(1) : words);
  host.out.write(folded(asTyped(command ? helpFor(command) : HELP, host)));
  return words.length === 0 ? EXIT.USAGE : EXIT.OK;
}
