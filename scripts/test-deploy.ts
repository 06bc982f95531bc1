/**
 * Deploys template.yaml with SAM CLI to an emulator of AWS that enforces IAM, and runs test/deploy/*.deploy.ts against it.
 * `--burst` adds a burst of 1,000 log groups, which takes four minutes. Other words select test files by name.
 */
import { join } from 'node:path';
import { startMinistack } from '../test/deploy/ministack.ts';
import { REGION } from '../test/deploy/place.ts';
import { runTests } from '../test/deploy/run-tests.ts';
import { build } from '../test/deploy/sam.ts';
import { say } from '../test/deploy/say.ts';
import { withCleanUp } from '../test/deploy/with-clean-up.ts';

await withCleanUp(async (directory, onEnd) => {
  const words = process.argv.slice(2);
  say('Building template.yaml');
  const builtTemplate = await build(join(directory, 'build'));
  const ministack = await startMinistack(REGION, directory);
  onEnd(ministack.stop);
  say(`ministack listens on ${ministack.url} and enforces IAM`);
  const files = words.filter((word) => !word.startsWith('-'));
  await runTests('test/deploy/*.deploy.ts', files, {
    bail: 1, // each test continues where the previous one ended
    provide: { emulatorUrl: ministack.url, builtTemplate },
    env: words.includes('--burst') ? { LOGSEAL_BURST: '1' } : {},
  });
  if (process.exitCode) say(`The last lines of ministack's log:\n${await ministack.tail(60)}`);
});
