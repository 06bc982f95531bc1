import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { outcomeSchema, parseDocument, planSchema, scanSchema, verdictSchema } from '../support/documents.ts';
import { checkOn } from '../support/key-checks.ts';
import { keysOf } from '../support/keys.ts';
import { aDesk, aWorld, type Desk } from '../support/logseal.ts';
import { admitting, LOG_GROUPS } from '../support/policies.ts';
import { mistakesOf } from './mistakes-of.ts';
import { outcomesOf } from './worlds.ts';

/** A world in another partition: one log group without a key, one under a key whose policy names a service. */
function aWorldIn(region: string, service: string, more: World = {}): World {
  return aWorld({
    region,
    policies: { logs: admitting({ ...LOG_GROUPS, Principal: { Service: service } }), bare: admitting() },
    keys: { logseal: { alias: 'alias/logseal', policy: 'logs' }, bare: { alias: 'alias/bare', policy: 'bare' } },
    groups: { '/open': null, '/sealed': 'logseal' },
    ...more,
  });
}
const scan = async (desk: Desk) => {
  const { status, stdout, stderr } = await desk.run('scan --format json');
  return { status, stderr, document: parseDocument(scanSchema, stdout) };
};
const plan = async (desk: Desk, key = 'alias/logseal') => {
  const { stdout } = await desk.run(`plan --key ${key} --format json`);
  return parseDocument(planSchema, stdout);
};
const apply = async (desk: Desk) => {
  const { status, stdout } = await desk.run('apply --key alias/logseal --yes --quiet --format json');
  return { status, outcomes: outcomesOf(parseDocument(outcomeSchema, stdout)) };
};

describe.each([
  ['aws-iso', 'us-iso-east-1', 'c2s.ic.gov'],
  ['aws-iso-b', 'us-isob-east-1', 'sc2s.sgov.gov'],
  ['aws-us-gov', 'us-gov-west-1', 'amazonaws.com'],
  ['aws-cn', 'cn-north-1', 'amazonaws.com.cn'],
])('a world in %s', (partition, region, suffix) => {
  it('is scanned and sealed', async () => {
    const desk = await aDesk(aWorldIn(region, `logs.${region}.${suffix}`));
    const keys = keysOf(desk.sandbox, { region });

    const { status, document } = await scan(desk);
    const applied = await apply(desk);

    expect(status).toBe(3);
    expect(document.findings.map(({ arn, status: each, warnings }) => [arn, each, warnings])).toEqual([
      [`arn:${partition}:logs:${region}:111122223333:log-group:/open`, 'NON_COMPLIANT', []],
      [`arn:${partition}:logs:${region}:111122223333:log-group:/sealed`, 'COMPLIANT', []],
    ]);
    expect(document.findings[1]?.keyArn).toMatch(new RegExp(`^arn:${partition}:kms:${region}:111122223333:key/`));
    expect(applied).toEqual({ status: 0, outcomes: ['/open SEALED'] });
    expect((await keys.attached())['/open']).toBe(await keys.arn());
    expect(await checkOn(desk)).toMatchObject({ status: 0, open: [] });
  });

  it('has a key repaired with the principal and the ARNs of the partition', async () => {
    const desk = await aDesk(aWorldIn(region, 'ec2.amazonaws.com'));

    const { status, stdout } = await desk.run('key repair --key alias/bare --yes --quiet --format json');

    expect(status).toBe(0);
    expect(JSON.parse(stdout).repair.statement).toMatchObject({
      Principal: { Service: `logs.${region}.${suffix}` },
      Condition: {
        ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:111122223333:log-group:*` },
      },
    });
    expect((await desk.run('apply --key alias/bare --yes --quiet')).status).toBe(0);
  });
});

it('a key policy of another partition is refused, with the name that holds here', async () => {
  const desk = await aDesk(aWorldIn('us-iso-east-1', 'logs.us-iso-east-1.amazonaws.com'));

  const { steps } = await plan(desk);

  expect(steps).toMatchObject([{ refusal: { code: 'KEY_POLICY_MISSING_ACTIONS' } }]);
  expect(steps[0]?.refusal?.fix).toContain('"Service":"logs.us-iso-east-1.c2s.ic.gov"');
});

describe('a world in eusc-de-east-1, where the sources disagree about the service principal', () => {
  const REGION = 'eusc-de-east-1';

  it.each(['amazonaws.com', 'amazonaws.eu'])('is scanned, and sealing is refused as uncertain: %s', async (suffix) => {
    const desk = await aDesk(aWorldIn(REGION, `logs.${REGION}.${suffix}`));

    const { status, stderr, document } = await scan(desk);
    const planned = await plan(desk);

    expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
    expect(document.status).toBe('COMPLETE');
    expect(document.findings.map(({ name, warnings }) => [name, warnings.map(({ code }) => code)])).toEqual([
      ['/open', []],
      ['/sealed', ['KEY_POLICY_UNCERTAIN']],
    ]);
    expect(planned.steps).toMatchObject([{ action: 'NONE', refusal: { code: 'KEY_POLICY_UNCERTAIN' } }]);
    expect(planned.steps[0]?.refusal?.fix).toContain('LOGSEAL_LOGS_PRINCIPAL');
    expect(await apply(desk)).toEqual({ status: 3, outcomes: ['/open REFUSED KEY_POLICY_UNCERTAIN'] });
    expect(desk.sandbox.calls()['logs:AssociateKmsKey']).toBeUndefined();
  });

  it('and no statement is offered that may be wrong', async () => {
    const desk = await aDesk(aWorldIn(REGION, 'ec2.amazonaws.com'));

    const { status, stdout } = await desk.run('key repair --key alias/bare --yes --quiet --format json');

    const { repair } = JSON.parse(stdout);
    expect(status).toBe(3);
    expect(repair).toMatchObject({ outcome: 'REFUSED', statement: null });
    expect(`${repair.refusal.message} ${repair.refusal.fix}`).toContain('LOGSEAL_LOGS_PRINCIPAL');
    expect((await plan(desk, 'alias/bare')).steps[0]?.refusal?.fix).not.toContain('"Effect"');
  });

  describe.each(['amazonaws.com', 'amazonaws.eu', 'example.eu'])('and a person says that it ends in .%s', (suffix) => {
    const logsPrincipal = `logs.${REGION}.${suffix}`;

    it('is scanned, repaired and sealed', async () => {
      const desk = await aDesk(aWorldIn(REGION, logsPrincipal, { logsPrincipal }));

      expect(desk.options.env).toMatchObject({ LOGSEAL_LOGS_PRINCIPAL: logsPrincipal });
      expect((await scan(desk)).document.findings.flatMap(({ warnings }) => warnings)).toEqual([]);
      expect(await apply(desk)).toEqual({ status: 0, outcomes: ['/open SEALED'] });
      const repaired = await desk.run('key repair --key alias/bare --yes --quiet --format json');
      expect(JSON.parse(repaired.stdout).repair).toMatchObject({
        outcome: 'CHANGED',
        statement: { Principal: { Service: logsPrincipal } },
      });
      expect((await checkOn(desk, 'key check --key alias/bare')).open).toEqual([]);
    });

    it('is refused by AWS where it is not so', async () => {
      const desk = await aDesk(aWorldIn(REGION, logsPrincipal, { logsPrincipal: `logs.${REGION}.other.eu` }));
      const env = { LOGSEAL_LOGS_PRINCIPAL: logsPrincipal };

      const { status, stdout } = await desk.run('apply --key alias/logseal --yes --quiet --format json', { env });

      expect(status).toBe(3);
      expect(outcomesOf(parseDocument(outcomeSchema, stdout))).toEqual(['/open REFUSED ACCESS_DENIED']);
    });
  });
});

describe('LOGSEAL_LOGS_PRINCIPAL', () => {
  const KEY = 'arn:aws-eusc:kms:eusc-de-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  const GROUP = 'arn:aws-eusc:logs:eusc-de-east-1:111122223333:log-group:/a';
  const CHECK = `policy check --policy policy.json --key-arn ${KEY} --log-group-arn ${GROUP} --format json`;
  const PRINCIPAL = 'logs.eusc-de-east-1.amazonaws.eu';
  const policy = (service: string) =>
    JSON.stringify(admitting({ ...LOG_GROUPS, Principal: { Service: service } }))
      .replaceAll('{partition}', 'aws-eusc')
      .replaceAll('{region}', 'eusc-de-east-1')
      .replaceAll(/\{(account|home)\}/g, '111122223333');

  it('settles policy check', async () => {
    const desk = await aDesk(aWorld());
    await desk.write('policy.json', policy(PRINCIPAL));

    const without = await desk.run(CHECK);
    const settled = await desk.run(CHECK, { env: { LOGSEAL_LOGS_PRINCIPAL: PRINCIPAL } });

    expect(without.status).toBe(3);
    expect(parseDocument(verdictSchema, without.stdout).verdict).toBe('UNCERTAIN');
    expect(settled.status).toBe(0);
    expect(parseDocument(verdictSchema, settled.stdout).verdict).toBe('ALLOWED');
  });

  it.each([
    'amazonaws.eu',
    'logs',
    'logs.*',
    'logs.amazonaws.eu',
    'https://logs.eusc-de-east-1.amazonaws.eu',
    'logs.x .y',
    'arn:aws:iam::1:root',
  ])('%j is one mistake, in every command, and nothing is called', async (wrong) => {
    const desk = await aDesk(aWorld());
    const mistake = `LOGSEAL_LOGS_PRINCIPAL: expected a service principal such as logs.REGION.SUFFIX, got ${JSON.stringify(wrong)}`;

    for (const words of [
      'scan',
      'plan --key alias/logseal',
      'apply --key alias/logseal --yes',
      'key check --key alias/logseal',
      'key repair --key alias/logseal --yes',
      CHECK.replace('policy.json', '-'),
    ]) {
      expect(await mistakesOf(desk, words, { LOGSEAL_LOGS_PRINCIPAL: wrong }), words).toEqual([mistake]);
    }
    expect(desk.sandbox.calls()).toEqual({});
  });

  it('changes nothing where AWS documents the principal', async () => {
    const desk = await aDesk(aWorld({ groups: { '/a': null } }));
    const env = { LOGSEAL_LOGS_PRINCIPAL: 'logs.eu-west-1.example.com' };

    const { status } = await desk.run('apply --key alias/logseal --yes --quiet', { env });

    expect(status).toBe(0);
  });
});
