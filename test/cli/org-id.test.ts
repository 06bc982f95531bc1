import { describe, expect, it } from 'vitest';
import { outcomeSchema, parseDocument, planSchema, scanSchema, verdictSchema } from '../support/documents.ts';
import { aKey, checkOn, CHECK as KEY_CHECK } from '../support/key-checks.ts';
import { aDesk, aWorld } from '../support/logseal.ts';
import { admitting, LOG_GROUPS } from '../support/policies.ts';
import { CHECK, checkPolicy } from './check-policy.ts';
import { APPLY } from './edited-plan.ts';
import { mistakesOf } from './mistakes-of.ts';
import { outcomesOf } from './worlds.ts';

const ORG = 'o-exampleorg1';
const logsWhere = (Condition: Record<string, unknown>) => ({ ...LOG_GROUPS, Condition });
/** Lets CloudWatch Logs in for one organization. */
const OF_ORG = admitting(logsWhere({ StringEquals: { 'aws:SourceOrgID': ORG } }));
const inWorld = (policy: object) =>
  JSON.stringify(policy)
    .replaceAll('{partition}', 'aws')
    .replaceAll(/\{(account|home)\}/g, '111122223333')
    .replaceAll('{region}', 'eu-west-1');

describe('policy check --org-id', () => {
  const check = async (condition: Record<string, unknown>, words = '') => {
    const { status, stdout } = await checkPolicy(
      inWorld(admitting(logsWhere(condition))),
      `${CHECK} --policy policy.json ${words}`,
    );
    const { verdict, warnings, repair, actions } = parseDocument(verdictSchema, stdout);
    const words_ = [...warnings.map(({ message }) => message), ...Object.values(actions).map(({ because }) => because)];
    return { status, verdict, repair, codes: warnings.map(({ code }) => code), says: words_.join('\n') };
  };

  it.each<[string, Record<string, unknown>]>([
    ['aws:SourceOrgID', { StringEquals: { 'aws:SourceOrgID': ORG } }],
    ['aws:ResourceOrgID', { StringEquals: { 'aws:ResourceOrgID': ORG } }],
    ['the organization by its beginning', { StringLike: { 'aws:SourceOrgID': 'o-*' } }],
    ['aws:SourceOrgPaths', { 'ForAnyValue:StringLike': { 'aws:SourceOrgPaths': `${ORG}/*` } }],
    ['aws:ResourceOrgPaths', { 'ForAnyValue:StringLike': { 'aws:ResourceOrgPaths': [`${ORG}/*`] } }],
  ])('decides %s: allowed, with a warning', async (_key, condition) => {
    const without = await check(condition);
    const own = await check(condition, `--org-id ${ORG}`);
    const other = await check(condition, '--org-id o-otherorg123');

    expect(without).toMatchObject({ status: 3, verdict: 'UNCERTAIN', says: expect.stringContaining('--org-id') });
    expect(own).toMatchObject({
      status: 0,
      verdict: 'ALLOWED',
      codes: expect.arrayContaining(['ORGANIZATION_CONDITION']),
    });
    if (!JSON.stringify(condition).includes('"o-*"')) {
      expect(other).toMatchObject({ status: 3, verdict: 'MISSING_ACTIONS' });
      expect(other.codes).not.toContain('ORGANIZATION_CONDITION');
    }
  });

  it('does not decide a path below the root', async () => {
    const condition = { 'ForAnyValue:StringLike': { 'aws:SourceOrgPaths': `${ORG}/r-ab12/ou-ab12-1/*` } };

    expect(await check(condition, `--org-id ${ORG}`)).toMatchObject({ status: 3, verdict: 'UNCERTAIN' });
    expect(await check(condition, '--org-id o-otherorg123')).toMatchObject({ verdict: 'MISSING_ACTIONS' });
  });

  it('lets no principal of the organization stand for a service', async () => {
    expect(await check({ StringEquals: { 'aws:PrincipalOrgID': ORG } }, `--org-id ${ORG}`)).toMatchObject({
      verdict: 'MISSING_ACTIONS',
    });
  });
});

describe('key check --org-id', () => {
  it('decides the condition of the organization', async () => {
    const desk = await aDesk(aKey(OF_ORG));

    const without = await checkOn(desk);
    const own = await checkOn(desk, `${KEY_CHECK} --org-id ${ORG}`);
    const other = await checkOn(desk, `${KEY_CHECK} --org-id o-otherorg123`);

    expect(without.status).toBe(3);
    expect(without.open).toContain('KEY_POLICY kms:Encrypt UNKNOWN KEY_POLICY_UNCERTAIN');
    expect(without.checks.map(({ message }) => message).join()).toContain('--org-id');
    expect(own).toMatchObject({ status: 0, open: [] });
    expect(other.open).toContain('KEY_POLICY kms:Encrypt FAIL KEY_POLICY_MISSING_ACTIONS');
  });
});

describe('plan and apply --org-id', () => {
  // What CloudWatch Logs decides about the condition is not known: this world allows it.
  const world = aWorld({
    uncertain: 'allow',
    keys: { logseal: { alias: 'alias/logseal', policy: OF_ORG } },
    groups: { '/a': null },
  });

  it('seals what is refused without it, from a file as well', async () => {
    const desk = await aDesk(world);
    const plan = async (words: string) =>
      parseDocument(planSchema, (await desk.run(`plan --key alias/logseal --format json ${words}`)).stdout);

    const without = await plan('');
    const own = await plan(`--org-id ${ORG} --output plan.json`).catch(() => null);
    const inFile = parseDocument(planSchema, await desk.read('plan.json'));
    const { status, stdout } = await desk.run(APPLY);

    expect(own).toBeNull();
    expect(without.steps).toMatchObject([{ action: 'NONE', refusal: { code: 'KEY_POLICY_UNCERTAIN' } }]);
    expect(`${without.steps[0]?.refusal?.message} ${without.steps[0]?.refusal?.fix}`).toContain('--org-id');
    expect(without.key.orgId).toBeUndefined();
    expect(inFile).toMatchObject({ key: { orgId: ORG }, steps: [{ action: 'SEAL', refusal: null }] });
    const outcome = parseDocument(outcomeSchema, stdout);
    expect({ status, outcomes: outcomesOf(outcome) }).toEqual({ status: 0, outcomes: ['/a SEALED'] });
    expect(outcome.key.orgId).toBe(ORG);
  });

  it('of another organization seals nothing', async () => {
    const desk = await aDesk(world);

    const { status, stdout } = await desk.run(
      'apply --key alias/logseal --org-id o-otherorg123 --yes --quiet --format json',
    );

    expect(status).toBe(3);
    expect(outcomesOf(parseDocument(outcomeSchema, stdout))).toEqual(['/a REFUSED KEY_POLICY_MISSING_ACTIONS']);
    expect((await desk.run(`apply --key alias/logseal --org-id ${ORG} --yes --quiet`)).status).toBe(0);
  });

  it('an edited plan whose organization is none is a mistake', async () => {
    const desk = await aDesk(world);
    await desk.run(`plan --key alias/logseal --format json --org-id ${ORG} --output plan.json`);
    await desk.write('plan.json', (await desk.read('plan.json')).replace(ORG, 'example'));
    desk.sandbox.resetCalls();

    const { status, stderr } = await desk.run(APPLY);

    expect(status).toBe(2);
    expect(stderr).toContain('key.orgId: expected the id of an organization');
    expect(desk.sandbox.calls()).toEqual({});
  });

  it('scan --org-id warns of no such policy', async () => {
    const desk = await aDesk({ ...world, groups: { '/a': 'logseal' } });
    const warnings = async (words: string) =>
      parseDocument(scanSchema, (await desk.run(`scan --format json ${words}`)).stdout).findings.flatMap((finding) =>
        finding.warnings.map(({ code }) => code),
      );

    expect(await warnings('')).toEqual(['KEY_POLICY_UNCERTAIN']);
    expect(await warnings(`--org-id ${ORG}`)).toEqual([]);
  });
});

it.each([
  'scan --org-id example',
  'plan --key alias/logseal --org-id O-EXAMPLE',
  'apply --key alias/logseal --yes --org-id o-',
  'key check --key alias/logseal --org-id o-exampleorg1/r-ab12',
])('%s is a mistake, and nothing is called', async (words) => {
  const desk = await aDesk(aWorld());

  expect(await mistakesOf(desk, words)).toEqual([expect.stringContaining('--org-id: expected')]);
  expect(desk.sandbox.calls()).toEqual({});
});
