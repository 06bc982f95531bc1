/**
 * Runs the functions with `sam local invoke`, in Lambda's own runtime, against the sandbox: test/local/*.local.ts. If
 * Docker does not answer and scripts/sam-local-setup cannot help, it says so and ends with status 0.
 */
import { runTests } from '../test/deploy/run-tests.ts';
import { say } from '../test/deploy/say.ts';
import { withCleanUp } from '../test/deploy/with-clean-up.ts';
import { buildForLocal } from '../test/local/build-for-local.ts';
import { containerEngine } from '../test/local/container-engine.ts';

await withCleanUp(async (directory, onEnd) => {
  say('Checking for Docker, or setting podman up (about a minute, the first time only)');
  const engine = await containerEngine();
  if (engine.kind === 'NONE') return say(`SKIPPED: nothing was tested, because ${engine.because}`);
  onEnd(engine.stop);
  say(`Functions run in ${engine.kind === 'DOCKER' ? 'Docker' : 'podman'}`);
  await runTests('test/local/*.local.ts', process.argv.slice(2), {
    provide: {
      localTemplate: await buildForLocal(directory),
      engineEnvironment: { ...engine.env },
      bridge: engine.bridge,
    },
  });
});
