import { describe, expect, it, onTestFinished, test, vi } from 'vitest';
import { readArguments } from '../../cli/arguments.ts';
import { CONFIG_OPTION, readConfigFileOf, readConfigInAws } from '../../cli/config-input.ts';
import { PROFILE_OPTION } from '../../cli/options.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import type { World } from '../../sandbox/world.ts';
import { stubEndpoint } from '../aws/endpoint.ts';
import { aHost } from '../support/host.ts';
import { aDesk } from '../support/logseal.ts';

const RIGHT = 'schema: logseal/config/1\nkeys:\n  - match: { names: [/pay/*] }\n    key: alias/payments\n';
const WRONG = 'schema: logseal/config/1\nexemption: []\nkey: []\n';
const KEYS = [{ match: { names: ['/pay/*'] }, key: 'alias/payments' }];

function argumentsWith(config: string, directory = '/') {
  const { host } = aHost({ directory });
  return { host, args: readArguments([`--config=${config}`], { ...CONFIG_OPTION, ...PROFILE_OPTION }, host) };
}

describe('--config with a file', () => {
  async function read(config: string, content: string | Uint8Array = RIGHT) {
    const { directory, write } = await aDesk({});
    await write('logseal.yaml', content);
    const { args, host } = argumentsWith(config, directory);
    return { file: await readConfigFileOf(args, host), mistakes: args.mistakes };
  }

  test('reads it, relative to where the command was typed', async () => {
    const { file, mistakes } = await read('logseal.yaml');

    expect(mistakes).toEqual([]);
    expect(file).toMatchObject({ status: 'READ', configuration: { exemptions: [], keys: KEYS }, lines: { keys: [3] } });
  });

  test('lists every mistake with its line', async () => {
    expect(await read('logseal.yaml', WRONG)).toEqual({
      file: undefined,
      mistakes: [
        '--config: logseal.yaml: line 2: exemption: unknown field; known are schema, exemptions, keys',
        '--config: logseal.yaml: line 3: key: unknown field; known are schema, exemptions, keys',
      ],
    });
  });

  it.each<[string, string, string | Uint8Array]>([
    ['that does not exist', 'none.yaml', ''],
    ['that is a directory', '.', ''],
    ['that is too large', 'logseal.yaml', Buffer.alloc(5_000_000, '#')],
  ])('%s is one mistake', async (_what, path, content) => {
    const { file, mistakes } = await read(path, content);

    expect(file).toBeUndefined();
    expect(mistakes).toEqual([expect.stringContaining(`--config: expected a file that can be read, got ${path} (`)]);
  });

  test('is not asked of AWS', async () => {
    const { args, host } = argumentsWith('logseal.yaml');

    expect(await readConfigInAws(args, host)).toBeUndefined();
  });
});

describe('--config with a parameter', () => {
  async function read(world: World, config = 'ssm:/logseal/config') {
    const sandbox = await startSandbox({ world: { region: 'eu-west-1', ...world } });
    onTestFinished(() => sandbox.close());
    stubEndpoint(sandbox.url);
    for (const [name, value] of Object.entries(sandbox.environment())) vi.stubEnv(name, value);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { args, host } = argumentsWith(config);
    return {
      file: await readConfigFileOf(args, host),
      inAws: await readConfigInAws(args, host),
      calls: sandbox.calls(),
    };
  }

  test('reads it in the Region of the SDK, with one call', async () => {
    const { file, inAws, calls } = await read({ parameters: { '/logseal/config': { secret: RIGHT } } });

    expect(file).toBeUndefined();
    expect(inAws).toMatchObject({ status: 'READ', configuration: { keys: KEYS } });
    expect(calls).toEqual({ 'ssm:GetParameter': 1 });
  });

  test('refuses a command for its mistakes', async () => {
    await expect(read({ parameters: { '/logseal/config': WRONG } })).rejects.toMatchObject({
      mistakes: [
        '--config: ssm:/logseal/config: line 2: exemption: unknown field; known are schema, exemptions, keys',
        '--config: ssm:/logseal/config: line 3: key: unknown field; known are schema, exemptions, keys',
      ],
    });
  });

  it.each<[string, World, string]>([
    ['does not exist', {}, 'NOT_FOUND'],
    ['may not be read', { faults: [{ call: 'ssm:GetParameter', kind: 'deny' }] }, 'ACCESS_DENIED'],
    ['cannot be read for now', { faults: [{ call: 'ssm:GetParameter', kind: 'unavailable' }] }, 'UNAVAILABLE'],
    ['is out of reach', { faults: [{ call: 'ssm:GetParameter', kind: 'reset' }] }, 'NETWORK'],
  ])('that %s is known to be unreadable', async (_why, world, code) => {
    const { inAws } = await read(world);

    expect(inAws).toMatchObject({ status: 'UNREADABLE', failure: { code, call: 'ssm:GetParameter' } });
  });
});

test.each(['ssm:', 's3://bucket', 'https://x/y'])('--config %s names no place', (config) => {
  expect(argumentsWith(config).args.mistakes).toEqual([
    `--config: expected a file, ssm:NAME or s3://BUCKET/KEY, got ${JSON.stringify(config)}`,
  ]);
});
