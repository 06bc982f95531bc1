import {
  type ContextEntry,
  GetRoleCommand,
  NoSuchEntityException,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import { describe, expect, it } from 'vitest';
import { aSandbox, clients, FIXTURE, refusal } from './support.ts';

const PREFIX = 'arn:aws:iam::111122223333';
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1';
const GROUP = 'arn:aws:logs:eu-west-1:111122223333:log-group:/a';
const allow = (Action: string, Resource: string, Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  Condition,
});
const viaLogs = { StringEquals: { 'kms:ViaService': 'logs.eu-west-1.amazonaws.com' } };
const policies = [
  { Statement: [allow('kms:*', KEY, viaLogs), { ...allow('kms:Decrypt', '*'), Effect: 'Deny' }] },
  { Statement: allow('logs:*', GROUP) },
];
const reader = { policies: [{ Statement: allow('iam:*', `${PREFIX}:role/teams/*`) }] };
const roles = { sealer: { path: '/teams/', policies }, reader };

async function aRole() {
  const { sandbox, iam } = await aSandbox({ world: { roles }, now: () => new Date(1_700_000_000_500) });
  const simulate = (
    resources?: string[],
    ContextEntries: ContextEntry[] = [],
    source = `${PREFIX}:role/teams/sealer`,
  ) =>
    iam.send(
      new SimulatePrincipalPolicyCommand({
        ...{ PolicySourceArn: source, ActionNames: ['kms:Encrypt', 'kms:Decrypt', 'logs:AssociateKmsKey'] },
        ...{ ResourceArns: resources, ContextEntries },
      }),
    );
  return { sandbox, iam, simulate };
}

describe('GetRole', () => {
  it('returns a role’s ARN with its path, in every Region', async () => {
    const { sandbox, iam } = await aRole();
    const Arn = `${PREFIX}:role/teams/sealer`;
    for (const client of [iam, clients(sandbox, { region: 'us-east-1' }).iam]) {
      const { Role } = await client.send(new GetRoleCommand({ RoleName: 'sealer' }));
      const RoleId = expect.stringMatching(/^AROA[0-9A-F]{17}$/);
      expect(Role).toEqual({
        Path: '/teams/',
        RoleName: 'sealer',
        RoleId,
        Arn,
        CreateDate: new Date(1_700_000_000_500),
      });
    }
  });

  it('finds only roles of the caller’s account', async () => {
    const { sandbox, iam } = await aRole();
    const error: unknown = await iam.send(new GetRoleCommand({ RoleName: 'a<b>&"c"' })).catch((reason) => reason);
    expect(error).toBeInstanceOf(NoSuchEntityException);
    expect(error).toMatchObject({
      message: 'The role with name a<b>&"c" cannot be found.',
      $metadata: { httpStatusCode: 404 },
    });
    const other = clients(sandbox, { account: '444455556666' });
    expect(await refusal(other.iam.send(new GetRoleCommand({ RoleName: 'sealer' })))).toContain('NoSuchEntity');
  });

  it('finds the roles of a template', async () => {
    const { iam } = await aSandbox({ stack: { template: FIXTURE, run: false } });
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'logseal-WorkRole' }));
    expect(Role).toMatchObject({ Path: '/', Arn: `${PREFIX}:role/logseal-WorkRole` });
    const simulation = { PolicySourceArn: Role?.Arn, ActionNames: ['logs:DeleteLogGroup'] };
    const { EvaluationResults } = await iam.send(new SimulatePrincipalPolicyCommand(simulation));
    expect(EvaluationResults?.[0]?.EvalDecision).toBe('explicitDeny');
  });

  it('needs a right on the role, as simulating does', async () => {
    const { sandbox } = await aRole();
    const { iam } = clients(sandbox, { account: 'reader' });
    const simulate = (PolicySourceArn: string) =>
      refusal(iam.send(new SimulatePrincipalPolicyCommand({ PolicySourceArn, ActionNames: ['kms:Encrypt'] })));
    expect(await refusal(iam.send(new GetRoleCommand({ RoleName: 'sealer' })))).toBe('no error');
    expect(await simulate(`${PREFIX}:role/teams/sealer`)).toBe('no error');
    const session = 'arn:aws:sts::111122223333:assumed-role/reader/sandbox';
    const denied = (action: string) =>
      `AccessDenied: User: ${session} is not authorized to perform: iam:${action} on resource: ${PREFIX}:role/reader because no identity-based policy allows the iam:${action} action`;
    expect(await refusal(iam.send(new GetRoleCommand({ RoleName: 'reader' })))).toBe(denied('GetRole'));
    expect(await simulate(`${PREFIX}:role/reader`)).toBe(denied('SimulatePrincipalPolicy'));
  });

  it('fails by injected faults', async () => {
    const { sandbox, iam } = await aRole();
    const ask = () => refusal(iam.send(new GetRoleCommand({ RoleName: 'sealer' })));
    sandbox.setFaults([{ call: 'iam:GetRole', kind: 'latency', latencyMs: 60, resource: 'sealer' }]);
    const startedAtMs = performance.now();
    expect(await ask()).toBe('no error');
    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(58);
    sandbox.setFaults([{ call: 'iam:GetRole', kind: 'unavailable' }]);
    expect(await ask()).toContain('ServiceFailure');
    sandbox.setFaults([{ call: '*', kind: 'throttle' }]);
    expect(await ask()).toBe('Throttling: Rate exceeded');
  });
});

describe('SimulatePrincipalPolicy', () => {
  const ViaService: ContextEntry = {
    ContextKeyName: 'kms:viaservice',
    ContextKeyValues: ['logs.eu-west-1.amazonaws.com'],
    ContextKeyType: 'string',
  };
  type Simulated = Awaited<ReturnType<Awaited<ReturnType<typeof aRole>>['simulate']>>;
  /** A line for each action on each resource. */
  const brief = ({ EvaluationResults = [] }: Simulated) =>
    EvaluationResults.flatMap(({ EvalActionName: action, ResourceSpecificResults = [] }) =>
      ResourceSpecificResults.map(({ EvalResourceName: resource, EvalResourceDecision, MissingContextValues = [] }) =>
        [action, resource, EvalResourceDecision, ...MissingContextValues].join(' '),
      ),
    );
  /** A line for each action. */
  const results = ({ EvaluationResults = [] }: Simulated) =>
    EvaluationResults.map(
      ({ EvalActionName: action, EvalResourceName: resource, EvalDecision, MissingContextValues = [] }) =>
        [action, resource, EvalDecision, ...MissingContextValues].join(' '),
    );

  it('returns one result for an action, with the most restrictive decision and no ARN of a resource', async () => {
    const { simulate } = await aRole();
    const answer = await simulate([KEY, GROUP]);
    expect(answer).toMatchObject({ IsTruncated: false });
    expect(answer.EvaluationResults?.[0]?.MatchedStatements).toEqual([]);
    expect(results(answer)).toEqual([
      'kms:Encrypt * implicitDeny kms:ViaService',
      'kms:Decrypt * explicitDeny kms:ViaService',
      'logs:AssociateKmsKey * implicitDeny',
    ]);
  });

  it('decides every action on every resource that is named, and names missing condition keys', async () => {
    const { simulate } = await aRole();
    expect(brief(await simulate([KEY, GROUP]))).toEqual([
      `kms:Encrypt ${KEY} implicitDeny kms:ViaService`,
      `kms:Encrypt ${GROUP} implicitDeny`,
      `kms:Decrypt ${KEY} explicitDeny kms:ViaService`,
      `kms:Decrypt ${GROUP} explicitDeny`,
      `logs:AssociateKmsKey ${KEY} implicitDeny`,
      `logs:AssociateKmsKey ${GROUP} allowed`,
    ]);
  });

  it('evaluates conditions with the given context entries', async () => {
    const { simulate } = await aRole();
    expect(brief(await simulate([KEY], [ViaService]))[0]).toBe(`kms:Encrypt ${KEY} allowed`);
    const other = { ...ViaService, ContextKeyValues: ['s3.eu-west-1.amazonaws.com'] };
    expect(brief(await simulate([KEY], [other]))[0]).toBe(`kms:Encrypt ${KEY} implicitDeny`);
  });

  it('evaluates the resource * by default, and allows users everything', async () => {
    const { simulate } = await aRole();
    const answer = await simulate();
    expect(results(answer)).toEqual([
      'kms:Encrypt * implicitDeny',
      'kms:Decrypt * explicitDeny',
      'logs:AssociateKmsKey * implicitDeny',
    ]);
    expect(brief(answer)).toEqual([]);
    expect(brief(await simulate([KEY], [], `${PREFIX}:user/sandbox`))[1]).toBe(`kms:Decrypt ${KEY} allowed`);
  });

  it('does not give a right that a fault denies for good', async () => {
    const { sandbox, simulate } = await aRole();
    const user = `${PREFIX}:user/sandbox`;
    const other = GROUP.replace(/.$/, 'b');
    const associate = async () =>
      brief(await simulate([GROUP, `${GROUP}:*`, other], [], user)).filter((line) => line.startsWith('logs:'));
    const denied = { call: 'logs:AssociateKmsKey', kind: 'deny', resource: '/a' } as const;
    sandbox.setFaults([denied]);
    expect(await associate()).toEqual([
      `logs:AssociateKmsKey ${GROUP} implicitDeny`,
      `logs:AssociateKmsKey ${GROUP}:* implicitDeny`,
      `logs:AssociateKmsKey ${other} allowed`,
    ]);
    sandbox.setFaults([
      { ...denied, times: 1 },
      { ...denied, skip: 1 },
      { ...denied, rate: 0.5 },
    ]);
    expect(await associate()).toEqual([GROUP, `${GROUP}:*`, other].map((arn) => `logs:AssociateKmsKey ${arn} allowed`));
  });

  it.each([
    ['a role that does not exist', `${PREFIX}:role/sealer`, 'NoSuchEntity'],
    ['another account’s user', 'arn:aws:iam::444455556666:user/sandbox', 'NoSuchEntity'],
    [
      'a session',
      'arn:aws:sts::111122223333:assumed-role/sealer/sandbox',
      'Invalid Entity Arn: arn:aws:sts::111122223333:assumed-role/sealer/sandbox does not clearly define entity type and name.',
    ],
    ['the root', `${PREFIX}:root`, 'InvalidInput'],
  ])('refuses %s', async (_title, source, expected) => {
    const { simulate } = await aRole();
    expect(await refusal(simulate([KEY], [], source))).toContain(expected);
  });

  it('refuses resources that are not ARNs, and fields that it does not read', async () => {
    const { simulate, iam } = await aRole();
    expect(await refusal(simulate(['alias/x']))).toContain('ResourceNames are not in a valid ARN format: alias/x.');
    const input = { PolicySourceArn: `${PREFIX}:user/sandbox`, ActionNames: ['kms:Encrypt'], ResourcePolicy: '{}' };
    expect(await refusal(iam.send(new SimulatePrincipalPolicyCommand(input)))).toContain('ResourcePolicy is not known');
  });
});
