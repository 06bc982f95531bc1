import { expect, it } from 'vitest';
import { aDesk, DEMO } from '../support/logseal.ts';

it.each([
  ['scan --regoin eu-west-1', '--regoin: unknown option; did you mean --region?'],
  ['plan --key alias/a --inclode /a', '--inclode: unknown option; did you mean --include?'],
  ['scan --nothing-like-it', '--nothing-like-it: unknown option'],
  ['scna', 'got "scna"; did you mean scan?'],
  ['key chek --key alias/a', 'got "key chek"; did you mean key check?'],
  ['undoo --run x', 'got "undoo --run"; did you mean undo?'],
  ['version', 'got "version"; did you mean --version?'],
  ['destroy', 'got "destroy"'],
])('a mistyped word of "%s" is answered by the nearest one, if one is near', async (words, mistake) => {
  const { run } = await aDesk(DEMO);

  const { status, stderr } = await run(words);

  expect(status).toBe(2);
  expect(stderr.split('\n')[0]?.endsWith(mistake)).toBe(true);
});

it.each([
  ['scan --nonsense', 'see logseal scan --help\n'],
  ['key check', 'see logseal key check --help\n'],
  ['nonsense', 'see logseal --help\n'],
])('mistakes in "%s" point at the help of the command at hand', async (words, hint) => {
  const { run } = await aDesk(DEMO);

  expect((await run(words)).stderr.endsWith(hint)).toBe(true);
});

it.each(['key check', 'scan'])('help %s equals its --help', async (command) => {
  const { run } = await aDesk(DEMO);

  const [asCommand, asOption] = [await run(`help ${command}`), await run(`${command} --help`)];

  expect(asCommand).toEqual(asOption);
  expect(asCommand).toMatchObject({ status: 0, stdout: expect.stringContaining(`Usage: logseal ${command}`) });
});
