/**
 * Runs the functions by `sam local invoke`, in Lambda's own runtime, against the sandbox: test/local/*.local.ts. Where
 * neither Docker answers nor scripts/sam-local-setup can help, it says so and ends well.
 */
import { runTests } from '../test/deploy/run-tests.ts';
import { say } from '../test/deploy/say.ts';
import { withCleanUp } from '../test/deploy/with-clean-up.ts';
import { buildForLocal } from '../test/local/build-for-local.ts';
import { containerEngine } from '../test/local/container-engine.ts';

await withCleanUp(async (directory, onEnd) => {
  say('Looking for Docker, else setting podman up (once, about a minute)');
  const engine = await containerEngine();
  if (engine.kind === 'NONE') return say(`SKIPPED: nothing was tested, since ${engine.because}`);
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
