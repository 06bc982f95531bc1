import { describe, expect, it } from 'vitest';
import { aLogsPolicy } from '../support/builders.ts';
import { aDesk, aWorld, DEMO, runProcess } from '../support/logseal.ts';
import { admitting } from '../support/policies.ts';
import { aRepairDesk, REPAIR, statementsOf } from '../support/repairs.ts';
import { HAS_TERMINAL, runOnRealTerminal } from '../support/terminal.ts';
import { JOURNAL, runCalls } from './worlds.ts';

/** Every command once as a process, since the other tests run commands in their own process (`sandbox`: sandbox.test.ts). */
describe('a process', () => {
  it.each([
    ['scan', 3, 'logseal/scan/1'],
    ['plan --key alias/logseal', 3, 'logseal/plan/1'],
    ['apply --key alias/logseal --yes --quiet', 3, 'logseal/outcome/1'],
    ['key check --key alias/logseal', 0, 'logseal/key-check/1'],
  ])('%s writes one document and nothing else', async (words, expected, schema) => {
    const { options } = await aDesk(DEMO);

    const { status, stdout, stderr } = await runProcess(`${words} --format json`, options);

    expect({ status, stderr }).toEqual({ status: expected, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ schema });
  });

  it('undo reads the journal where apply was typed', async () => {
    const { run, options } = await aDesk(aWorld({ groups: { '/a': null } }));
    await run('apply --key alias/logseal --yes');

    const { status, stdout, stderr } = await runProcess('undo --store /a --yes --quiet', options);

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('1 unsealed');
  });

  it('key repair ends once the policy is in effect', async () => {
    const desk = await aRepairDesk(admitting());

    const { status, stderr } = await runProcess(REPAIR, desk.options);

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(statementsOf(await desk.policy())).toHaveLength(2);
  });

  it('policy check reads standard input', async () => {
    const arns = ['--key-arn', 'arn:aws:kms:eu-west-1:111122223333:key/a', '--log-group-arn'];
    const words = ['policy', 'check', '--policy', '-', ...arns, 'arn:aws:logs:eu-west-1:111122223333:log-group:/a'];

    const { status, stdout, stderr } = await runProcess(words, { stdin: aLogsPolicy() });

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('ALLOWED');
  });

  it('wrong usage is 2, and names every mistake on standard error', async () => {
    const { status, stdout, stderr } = await runProcess('scan --nonsense --format xml');

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^logseal: --nonsense: unknown option\nlogseal: --format: expected one of /);
  });

  it('retries with the waits of production', async () => {
    const faults = [{ call: 'kms:DescribeKey', kind: 'unavailable', times: 3 } as const];
    const { options, sandbox } = await aDesk(aWorld({ groups: { '/a': 'logseal' }, faults }));

    expect((await runProcess('scan', options)).status).toBe(0);

    expect(runCalls(sandbox, 'kms:DescribeKey')).toBe(4);
  });
});

describe.skipIf(!HAS_TERMINAL)('a process on a terminal of the kernel', () => {
  const WORLD = aWorld({ groups: { '/a': null, '/b': 'disabled' } });
  const QUESTION = 'Seal 2 log stores in account 111122223333, eu-west-1 with alias/logseal? [y/N]';

  it.each([
    ['y', 'y\n', 0, 2],
    ['the end of the input', '\x04', 3, 0],
    ['an interrupt', '\x03', 130, 0],
  ])('asks, and takes %s for what it is', async (_, type, expected, changes) => {
    const { sandbox, options, files } = await aDesk(WORLD);

    const { status, screen } = await runOnRealTerminal(
      'apply --key alias/logseal',
      { waitFor: QUESTION, type },
      options,
    );

    expect(status).toBe(expected);
    expect(screen).not.toContain('    at ');
    expect(runCalls(sandbox, 'logs:AssociateKmsKey')).toBe(changes);
    expect(await files()).toEqual(changes > 0 ? [JOURNAL] : []);
  });

  it('asks after an interrupt of the watch over a canary, and puts it back', async () => {
    const writer = { key: null, writer: { perMinute: 60 } };
    const { sandbox, options } = await aDesk(aWorld({ groups: { '/a': writer, '/b': null } }));

    const { status, screen } = await runOnRealTerminal(
      'apply --key alias/logseal --yes --canary 1',
      { waitFor: 'an interrupt asks whether to keep them sealed', type: '\x03n\n' },
      options,
    );

    expect(status).toBe(130);
    expect(screen).toContain(
      'Keep it sealed (1 log store in account 111122223333, eu-west-1)? Anything but yes puts it back. [y/N]',
    );
    expect(screen).toMatch(/1 rolled back.*1 skipped, since the run was interrupted/);
    expect(runCalls(sandbox, 'logs:DisassociateKmsKey')).toBe(1);
  });

  it('shows progress and colours', async () => {
    const { options } = await aDesk(WORLD);

    const { screen } = await runOnRealTerminal('scan', { waitFor: QUESTION, type: '' }, options);

    expect(screen).toContain('listed eu-west-1: 2');
    expect(screen.replaceAll('\x1b[K', '')).toContain('\x1b');
  });
});
