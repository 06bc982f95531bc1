import { describe, expect, it } from 'vitest';
import { outcomeSchema, parseDocument, planSchema, scanSchema } from '../support/documents.ts';
import { aDesk, aWorld } from '../support/logseal.ts';
import { APPLY, applyEdited } from './edited-plan.ts';
import { outcomesOf, runCalls } from './worlds.ts';

describe('log groups that belong to AWS', () => {
  const world = aWorld({ groups: { 'aws/healthy': 'logseal', 'aws/reserved': null, 'aws/dead': 'disabled' } });

  it('are exempt with their reasons and count as compliant, and one under a healthy key needs no exemption', async () => {
    const { run } = await aDesk(world);

    const { status, stdout } = await run('scan --format json');

    const { summary, findings } = parseDocument(scanSchema, stdout);
    expect(status).toBe(0);
    expect(summary).toMatchObject({ stores: 3, compliant: 1, nonCompliant: 0, exempt: 2 });
    expect(summary).toMatchObject({ byReason: {}, bySeverity: {} });
    const exemption = {
      id: 'aws-reserved',
      reason: 'log groups whose name begins with aws/ belong to AWS, and only AWS can change how they are encrypted',
      owner: 'AWS',
      expires: null,
    };
    expect(findings).toMatchObject([
      { name: 'aws/dead', status: 'EXEMPT', severity: 'HIGH', reasons: [{ code: 'KEY_DISABLED' }], exemption },
      { name: 'aws/healthy', status: 'COMPLIANT', severity: null, reasons: [], exemption: null },
      { name: 'aws/reserved', status: 'EXEMPT', severity: 'MEDIUM', reasons: [{ code: 'NO_KEY' }], exemption },
    ]);
  });

  it('are in no plan, and a plan that lists one all the same cannot change it', async () => {
    const desk = await aDesk(aWorld({ groups: { '/a': null, 'aws/reserved': null } }));
    const planned = parseDocument(
      planSchema,
      (await desk.run('plan --key alias/logseal --no-caller-check --format json')).stdout,
    );

    const { status, stdout } = await applyEdited(desk, ({ steps }) => {
      const [{ store, ...step }] = steps;
      const name = 'aws/reserved';
      steps.push({ ...step, store: { ...store, name, arn: String(store['arn']).replace('/a', name) } });
    });

    expect(planned.steps.map(({ store }) => store.name)).toEqual(['/a']);
    expect(status).toBe(3);
    expect(outcomesOf(parseDocument(outcomeSchema, stdout))).toEqual(['/a SEALED', 'aws/reserved REFUSED EXEMPT']);
    expect(runCalls(desk.sandbox, 'logs:AssociateKmsKey')).toBe(1);
  });
});

describe('aws/spans', () => {
  it('is flagged, sealed and unsealed like any other log group', async () => {
    const { run } = await aDesk(aWorld({ groups: { 'aws/spans': null } }));

    expect((await run('scan')).status).toBe(3);
    const applied = await run('apply --key alias/logseal --yes --format json --quiet');
    expect(outcomesOf(parseDocument(outcomeSchema, applied.stdout))).toEqual(['aws/spans SEALED']);
    expect((await run('scan')).status).toBe(0);
    expect((await run('undo --store aws/spans --yes')).status).toBe(0);
    expect((await run('scan')).status).toBe(3);
  });

  it('is refused in the words of AWS if AWS refuses', async () => {
    const faults = [{ call: 'logs:AssociateKmsKey', kind: 'deny', resource: 'aws/spans' } as const];
    const desk = await aDesk(aWorld({ groups: { 'aws/spans': null }, faults }));
    await desk.run('plan --key alias/logseal --no-caller-check --format json --output plan.json');

    const { status, stdout } = await desk.run(APPLY);

    const { steps } = parseDocument(outcomeSchema, stdout);
    expect(status).toBe(3);
    expect(steps[0]?.outcome).toBe('REFUSED');
    expect(steps[0]?.refusal?.message).toContain('is not authorized to perform: logs:AssociateKmsKey');
  });
});
