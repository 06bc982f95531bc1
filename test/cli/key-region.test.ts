import { describe, expect, it } from 'vitest';
import { admitting, LOG_GROUPS } from '../support/policies.ts';
import { aRepairDesk } from '../support/repairs.ts';

const NONE = { AWS_REGION: '', AWS_DEFAULT_REGION: '' };
const OTHER = { AWS_REGION: 'us-east-1' };
const ALIAS = 'arn:aws:kms:eu-west-1:111122223333:alias/logseal';

describe.each([
  ['no Region', NONE],
  ['another Region', OTHER],
])('an ARN of a key, where the environment has %s', (_, env) => {
  it('says in which Region key check evaluates it', async () => {
    const desk = await aRepairDesk(admitting(LOG_GROUPS));

    for (const key of [desk.keyArn, ALIAS]) {
      const { status, stdout, stderr } = await desk.run(`key check --key ${key}`, { env });

      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toContain(' in eu-west-1 (');
    }
  });

  it('says in which Region key repair changes it', async () => {
    for (const key of ['keyArn', 'alias'] as const) {
      const desk = await aRepairDesk(admitting());

      const { document } = await desk.repair(
        `key repair --key ${key === 'alias' ? ALIAS : desk.keyArn} --yes --quiet`,
        { env },
      );

      expect(document).toMatchObject({ target: { region: 'eu-west-1' }, repair: { outcome: 'CHANGED' } });
    }
  });
});

it('--region goes before the Region of the ARN', async () => {
  const desk = await aRepairDesk(admitting());

  const { status, stdout } = await desk.run(`key check --key ${desk.keyArn} --region us-east-1`);

  expect(status).toBe(3);
  expect(stdout).toContain(`${desk.keyArn} is in eu-west-1, but the logs are in us-east-1`);
});

it('the name of an alias has no Region, so one must be named', async () => {
  const desk = await aRepairDesk(admitting());

  const { status, stderr } = await desk.run('key check --key alias/logseal', { env: NONE });

  expect(status).toBe(2);
  expect(stderr).toContain('no Region: give --region');
});
