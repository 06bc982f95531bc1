import { describe, expect, it } from 'vitest';
import { outcomeSchema, parseDocument } from '../support/documents.ts';
import { aDesk, aWorld, DEMO } from '../support/logseal.ts';
import { runOnTerminal } from '../support/terminal.ts';
import { APPLY, applyEdited, type EditablePlan } from './edited-plan.ts';
import { outcomesOf, runCalls } from './worlds.ts';

describe('a plan that a hand edited', () => {
  const world = aWorld({ groups: { '/a': null, '/b': null } });

  it('is refused with every field that is wrong, and nothing is called', async () => {
    const desk = await aDesk(world);

    const { status, stdout, stderr } = await applyEdited(desk, (plan) => {
      const [first, second] = plan.steps;
      Object.assign(plan, { schema: 'logseal/plan/2', run: {} });
      Object.assign(first, { action: 'DELETE', toKeyArn: 'alias/logseal', fromKeyArn: 7 });
      Object.assign(second.store, { account: '1', type: 'bucket' });
      Object.assign(second, { refusal: { code: 'BECAUSE', message: '', fix: '' } });
    });

    const fields = [...stderr.matchAll(/^logseal: --plan: plan\.json: ([\w.]+): /gm)].map(([, field]) => field);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(fields).toEqual([
      'schema',
      'run.id',
      'steps.0.action',
      'steps.0.fromKeyArn',
      'steps.0.toKeyArn',
      'steps.1.store.account',
      'steps.1.store.type',
      'steps.1.refusal.code',
    ]);
    expect(stderr).toContain('steps.1.store.account: expected an account id of twelve digits, got "1"\n');
    expect(desk.sandbox.calls()).toEqual({});
    expect(await desk.files()).toEqual(['plan.json']);
  });

  it.each<[string, (plan: EditablePlan) => unknown]>([
    ['a store whose ARN is another', ({ steps }) => Object.assign(steps[0].store, { name: '/elsewhere' })],
    [
      'a Region of no form',
      ({ steps }) =>
        Object.assign(steps[0].store, {
          region: 'x.evil.example/#',
          arn: 'arn:aws:logs:x.evil.example/#:111122223333:log-group:/a',
        }),
    ],
    [
      'a key beside a refusal',
      ({ steps }) => Object.assign(steps[0], { refusal: { code: 'NO_KEY', message: 'm', fix: 'c' } }),
    ],
    ['no key beside SEAL', ({ steps }) => Object.assign(steps[0], { toKeyArn: null })],
    [
      'a key that is an alias',
      ({ steps }) => Object.assign(steps[0], { toKeyArn: 'arn:aws:kms:eu-west-1:111122223333:alias/x' }),
    ],
    [
      'a key of the other cloud',
      ({ steps }) => Object.assign(steps[0], { toKeyArn: '1234abcd-12ab-34cd-56ef-1234567890ab' }),
    ],
    ['a log group that is never to change again', ({ steps }) => Object.assign(steps[0], { irreversible: true })],
    ['a target of no Region', (plan) => Object.assign(plan.targets[0], { region: 'eu west' })],
    ['nothing to do', ({ steps }) => Object.assign(steps[0], { action: 'NONE', refusal: null })],
    ['no key', ({ key }) => Object.assign(key, { configured: '' })],
    ['a key of no form', ({ key }) => Object.assign(key, { configured: 'alias/log seal' })],
    ['a key that hides its end', ({ key }) => Object.assign(key, { configured: 'alias/logseal\u202ex' })],
    ['a key that clears the screen', ({ steps }) => Object.assign(steps[0], { fromKeyArn: '\u001b[2J' })],
    ['a run that clears the screen', (plan) => Object.assign(plan, { run: { id: '\u001b[2J' } })],
    ['an account that clears the screen', ({ targets }) => Object.assign(targets[0], { account: '\u001b[2J' })],
    ['no steps', (plan) => ({ ...plan, steps: undefined })],
    ['no object', () => [1]],
  ])('is refused for %s', async (_, edit) => {
    const desk = await aDesk(world);

    const { status, stdout, stderr } = await applyEdited(desk, (plan) => {
      const edited = edit(plan);
      return Array.isArray(edited) || (edited as EditablePlan).schema ? edited : plan;
    });

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('logseal: --plan: plan.json: ');
    expect(desk.sandbox.calls()).toEqual({});
  });

  it('shows its messages without what a terminal would carry out', async () => {
    const desk = await aDesk(world);
    const text = 'WORDS\u001b[2J\u202e';
    const words = { message: text, fix: text };

    await applyEdited(desk, (plan) => {
      Object.assign(plan.steps[0], { warnings: [{ code: 'WRITERS_UNPROVEN', ...words }] });
      Object.assign(plan.steps[1], { action: 'NONE', refusal: { code: 'KEY_DISABLED', ...words } });
      Object.assign(plan.targets[0], { status: 'FAILED', error: { code: 'NETWORK', message: text } });
    });
    const { screen } = await runOnTerminal(
      'apply --plan plan.json --no-color',
      { waitFor: '[y/N]', type: 'n\n' },
      desk.options,
    );

    expect(screen.split('WORDS\\u001b[2J\\u202e')).toHaveLength(6);
    expect(screen).not.toContain('WORDS\u001b');
    expect(screen).not.toContain('\u202e');
  });

  it.each(['{"Version":"2012-10-17","Statement":[]}', '{"schema":"logseal/scan/1","findings":[]}', '[]', '7', 'null'])(
    'is refused with one mistake where it is another document: %s',
    async (text) => {
      const desk = await aDesk(world);
      await desk.write('plan.json', text);

      const { status, stderr } = await desk.run(APPLY);

      expect(status).toBe(2);
      expect(stderr).toBe(
        'logseal: --plan: plan.json: this is not a plan: write one with logseal plan --format json --output FILE\n' +
          'see logseal apply --help\n',
      );
    },
  );

  it.each(['', 'not json', '{"schema":'])('is refused where it is %j', async (text) => {
    const desk = await aDesk(world);
    await desk.write('plan.json', text);

    const { status, stderr } = await desk.run(APPLY);

    expect(status).toBe(2);
    expect(stderr).toContain('logseal: --plan: plan.json: expected JSON');
    expect(desk.sandbox.calls()).toEqual({});
  });

  it('is refused where the file does not exist', async () => {
    const desk = await aDesk(world);

    const { status, stderr } = await desk.run(APPLY);

    expect(status).toBe(2);
    expect(stderr).toContain('--plan: expected a file that can be read, got plan.json');
  });

  it('cannot make a key of another Region or account seal anything', async () => {
    const desk = await aDesk(DEMO);

    const { status, stdout } = await applyEdited(desk, ({ steps }) => {
      for (const step of steps)
        if (step['action'] === 'SEAL') step['toKeyArn'] = String(step['toKeyArn']).replace('eu-west-1', 'us-east-1');
    });

    expect(status).toBe(3);
    expect(outcomesOf(parseDocument(outcomeSchema, stdout)).filter((line) => !/REFUSED/.test(line))).toEqual([]);
    expect(runCalls(desk.sandbox, 'logs:AssociateKmsKey')).toBe(0);
  });

  it('cannot attach another key than the one that was configured, even if that key works', async () => {
    const keys = { other: { policy: 'logs' } };
    const desk = await aDesk(aWorld({ keys, groups: { '/a': null, '/b': null, '/other': 'other' } }));
    const { stdout: scanned } = await desk.run('scan --format json');
    const other = JSON.parse(scanned).findings.find(({ name }: { name: string }) => name === '/other').keyArn;

    const { status, stdout } = await applyEdited(desk, ({ steps }) => {
      Object.assign(steps[0], { toKeyArn: other });
    });

    expect(status).toBe(3);
    expect(outcomesOf(parseDocument(outcomeSchema, stdout))).toEqual(['/a REFUSED STORE_CHANGED', '/b SEALED']);
  });

  it('cannot make a store that is compliant be changed', async () => {
    const desk = await aDesk(aWorld({ keys: { other: { policy: 'logs' } }, groups: { '/a': null, '/fine': 'other' } }));
    const { stdout: scanned } = await desk.run('scan --format json');
    const fine = JSON.parse(scanned).findings.find(({ name }: { name: string }) => name === '/fine');

    const { stdout } = await applyEdited(desk, ({ steps }) => {
      const [first] = steps;
      const { provider, account, region, type, name, arn } = fine;
      steps.push({ ...first, store: { provider, account, region, type, name, arn }, fromKeyArn: fine.keyArn });
    });

    expect(outcomesOf(parseDocument(outcomeSchema, stdout))).toEqual(['/a SEALED', '/fine UNCHANGED']);
  });
});
