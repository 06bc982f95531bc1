import { about } from '../../cli/about.ts';
import { EXIT } from '../../cli/exit.ts';
import { startedAs } from '../../cli/started-as.ts';

// The reader has seen enough, as `head` does.
process.stdout.on('error', () => process.exit(EXIT.NOT_DONE));
process.exitCode = about(process.argv.slice(2), {
  out: process.stdout,
  startedAs: startedAs(process.env, import.meta.filename),
});
