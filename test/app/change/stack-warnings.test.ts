import { describe, expect, it } from 'vitest';
import { stackWarnings } from '../../../lib/app/change/stack-warnings.ts';
import { aKeyArn, aLogGroup, aReason, aStep } from '../../support/builders.ts';
import { aCloudError, fakeCloud } from '../../support/fake-cloud.ts';

const STACKS = { [aLogGroup('/a').arn]: 'shop' };
const asks = (log: readonly string[]) => log.filter((line) => line.startsWith('tag:'));

describe('a log group that a CloudFormation stack owns', () => {
  it('has a warning with the name of the stack and the line to add, beside the others', async () => {
    const { cloud } = fakeCloud({ stacks: STACKS });
    const before = { ...aReason('KEY_DISABLED'), code: 'KEY_POLICY_DENIES' } as const;

    const [a, b] = await stackWarnings(cloud).addTo([aStep({ name: '/a', warnings: [before] }), aStep({ name: '/b' })]);

    expect(a?.warnings).toEqual([
      before,
      {
        code: 'MANAGED_BY_CLOUDFORMATION',
        severity: 'LOW',
        message: '/a belongs to the CloudFormation stack shop',
        fix: `set KmsKeyId to ${aKeyArn()} in the template of the stack shop (see docs/infrastructure-as-code.md)`,
      },
    ]);
    expect(b).toEqual(aStep({ name: '/b' }));
  });

  it('has it where the step is refused, too', async () => {
    const { cloud } = fakeCloud({ stacks: STACKS });
    const refused = aStep({ name: '/a', action: 'NONE', toKeyArn: null, refusal: aReason('KEY_NOT_FOUND') });

    const [step] = await stackWarnings(cloud).addTo([refused]);

    expect(step?.warnings[0]?.fix).toBe(
      'set KmsKeyId in the template of the stack shop (see docs/infrastructure-as-code.md)',
    );
  });
});

describe('the tags', () => {
  it('are read once for any number of steps, and not at all without a step', async () => {
    const { cloud, log } = fakeCloud({ stacks: STACKS });
    const warnings = stackWarnings(cloud);

    await warnings.addTo([]);
    expect(asks(log)).toEqual([]);
    await Promise.all([warnings.addTo([aStep()]), warnings.addTo([aStep({ name: '/a' })])]);

    expect(asks(log)).toHaveLength(1);
    expect(warnings.unknown()).toBeNull();
  });

  it('that cannot be read add no warning, are not asked for again, and it is said why', async () => {
    const failures = { 'tag:GetResources': aCloudError('ACCESS_DENIED', 'not authorized') };
    const { cloud, log } = fakeCloud({ stacks: STACKS, failures });
    const warnings = stackWarnings(cloud);

    const steps = [...(await warnings.addTo([aStep({ name: '/a' })])), ...(await warnings.addTo([aStep()]))];

    expect(steps.flatMap((step) => step.warnings)).toEqual([]);
    expect(asks(log)).toHaveLength(1);
    expect(warnings.unknown()).toBe('a:Call failed: not authorized');
  });

  it('that were not all read add the warnings that are known, and it is said how many were read', async () => {
    const stacks = async () => ({ stackOf: new Map(Object.entries(STACKS)), isComplete: false });
    const warnings = stackWarnings({ stacks });

    const [a, b] = await warnings.addTo([aStep({ name: '/a' }), aStep({ name: '/b' })]);

    expect([a?.warnings.length, b?.warnings.length]).toEqual([1, 0]);
    expect(warnings.unknown()).toBe('of the log groups of stacks, only the first 1 were read');
  });

  it('are those of a provider that has stacks', async () => {
    const { cloud } = fakeCloud();
    const warnings = stackWarnings(cloud);

    expect(await warnings.addTo([aStep()])).toEqual([aStep()]);
    expect(warnings.unknown()).toBeNull();
  });

  it('with a bug in reading them stop the plan', async () => {
    const { cloud } = fakeCloud({ stacks: STACKS, failures: { 'tag:GetResources': new TypeError('a bug') } });

    await expect(stackWarnings(cloud).addTo([aStep()])).rejects.toThrow('a bug');
  });
});
