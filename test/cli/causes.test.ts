import { describe, expect, it, vi } from 'vitest';
import { applySteps } from '../../lib/app/change/apply-plan.ts';
import { evaluateStores } from '../../lib/app/change/evaluate-stores.ts';
import { keyCache } from '../../lib/app/key/key-cache.ts';
import type { Cloud } from '../../lib/app/ports.ts';
import { tagsNow } from '../../lib/app/store-tags.ts';
import { stepOf } from '../../lib/domain/evaluation.ts';
import { rulesAt } from '../../lib/domain/rules.ts';
import { awsClouds } from '../../lib/runtime.ts';
import type { World } from '../../sandbox/world.ts';
import { aTarget } from '../support/builders.ts';
import { keyCheckSchema, outcomeSchema, parseDocument } from '../support/documents.ts';
import { keysOf } from '../support/keys.ts';
import { aDesk, aWorld, type Desk } from '../support/logseal.ts';
import { accountMay, admitting, denyUnless, LOG_GROUPS, logGroupsUnder, policyOf } from '../support/policies.ts';
import { runCalls } from './worlds.ts';

/** What AWS answers to eight different mistakes (hashicorp/terraform-provider-aws #29282, aws/aws-cdk #28304). */
const STORE = 'arn:aws:logs:eu-west-1:111122223333:log-group:/a';
const WORDS = `The specified KMS key does not exist or is not allowed to be used with Arn '${STORE}'`;
const OTHER_ACCOUNT = '444455556666';
const RIGHTS = ['kms:DescribeKey', 'kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*'];

interface Cause {
  readonly title: string;
  readonly policy?: Record<string, unknown>;
  /** Whose the key is; default the caller's account. */
  readonly owner?: string;
  /** What the caller may do with keys; default everything. */
  readonly rights?: readonly string[];
  /** The check that tells this cause from the others. */
  readonly check: { readonly check: string; readonly action: string | null; readonly result: string };
  readonly code: string;
  readonly message: string;
  readonly fix: string;
  /** What only AWS can tell: it was asked, and its words are kept. */
  readonly isAsked?: true;
}

const encrypt = { check: 'KEY_POLICY', action: 'kms:Encrypt', result: 'FAIL' } as const;
const CAUSES: readonly Cause[] = [
  {
    title: 'no statement for CloudWatch Logs',
    policy: admitting(),
    check: encrypt,
    code: 'KEY_POLICY_MISSING_ACTIONS',
    message: 'no statement allows logs.eu-west-1.amazonaws.com to use the key',
    fix: '"Sid":"LogsealLogGroups"',
  },
  {
    title: 'a statement for the service of another Region',
    policy: admitting({ ...LOG_GROUPS, Principal: { Service: 'logs.us-east-1.amazonaws.com' } }),
    check: encrypt,
    code: 'KEY_POLICY_MISSING_ACTIONS',
    message: 'names logs.us-east-1.amazonaws.com, not logs.eu-west-1.amazonaws.com',
    fix: '"Service":"logs.eu-west-1.amazonaws.com"',
  },
  {
    title: 'another encryption context',
    policy: admitting(logGroupsUnder(`arn:aws:logs:eu-west-1:${OTHER_ACCOUNT}:log-group:/prod/*`)),
    check: encrypt,
    code: 'KEY_POLICY_MISSING_ACTIONS',
    message: `log-group:/prod/*, but the value is ${STORE}`,
    fix: '"kms:EncryptionContext:aws:logs:arn":"arn:aws:logs:eu-west-1:111122223333:log-group:*"',
  },
  {
    title: 'an explicit Deny by a negated condition',
    policy: admitting(LOG_GROUPS, denyUnless({ StringNotEquals: { 'aws:PrincipalOrgID': 'o-example' } })),
    check: encrypt,
    code: 'KEY_POLICY_DENIES',
    message:
      'aws:PrincipalOrgID = o-example holds, because this call by CloudWatch Logs does not carry that condition key',
    fix: 'exclude CloudWatch Logs from the statement "',
  },
  {
    title: 'a caller without kms:Encrypt',
    rights: RIGHTS.filter((right) => right !== 'kms:Encrypt'),
    check: { check: 'CALLER_RIGHTS', action: 'kms:Encrypt', result: 'FAIL' },
    code: 'CALLER_MISSING_RIGHTS',
    message: "delegates to the caller's policies, which do not allow kms:Encrypt",
    fix: '"Action":"kms:Encrypt"',
  },
  {
    title: 'a caller without kms:DescribeKey',
    rights: RIGHTS.filter((right) => right !== 'kms:DescribeKey'),
    check: { check: 'FOUND', action: null, result: 'UNKNOWN' },
    code: 'KEY_UNREADABLE',
    message: 'is not authorized to perform: kms:DescribeKey on resource: ',
    fix: 'allow the caller kms:DescribeKey on ',
  },
  {
    title: 'a key of another account',
    owner: OTHER_ACCOUNT,
    policy: policyOf(accountMay(), {
      ...accountMay('kms:DescribeKey'),
      Sid: 'Neighbour',
      Principal: { AWS: 'arn:aws:iam::111122223333:root' },
    }),
    check: { check: 'KEY_POLICY', action: null, result: 'UNKNOWN' },
    code: 'KEY_POLICY_UNREADABLE',
    message: `belongs to account ${OTHER_ACCOUNT}, and only that account can read its key policy`,
    fix: 'ask its owner to make sure that the key policy contains this statement: {',
  },
  {
    title: 'a key that is disabled between the check and its use',
    check: { check: 'ENABLED', action: null, result: 'FAIL' },
    code: 'KEY_DISABLED',
    message: 'is disabled',
    fix: 'aws kms enable-key --key-id arn:',
    isAsked: true,
  },
];
const RACE = CAUSES.length - 1;

/** A sandbox that refuses as AWS does, where the cause is the only mistake. */
async function aDeskWith({ policy = admitting(LOG_GROUPS), owner, rights = ['kms:*'] }: Cause) {
  const world: World = aWorld({
    opaque: true,
    keys: { cause: { ...(owner && { account: owner }), policy } },
    groups: { '/a': null, '/under': 'cause' },
    roles: {
      sealer: {
        policies: [
          policyOf({
            Effect: 'Allow',
            Action: ['logs:*', 'iam:*', 'kms:GetKeyPolicy', 'kms:ListGrants', ...rights],
            Resource: '*',
          }),
        ],
      },
    },
  });
  const desk = await aDesk(world);
  const keyArn = (await keysOf(desk.sandbox).attached())['/under'] ?? '';
  const own = keysOf(desk.sandbox, { account: 'sealer' });
  return { desk, keyArn, own, env: { AWS_ACCESS_KEY_ID: 'sealer' } };
}

/** Applies a plan of `/a` in this process, and lets somebody disable the key right before AWS is asked to attach it. */
async function applyInARace(desk: Desk, keyArn: string) {
  for (const [name, value] of Object.entries({ ...desk.options.env, AWS_ACCESS_KEY_ID: 'sealer' })) {
    vi.stubEnv(name, value);
  }
  const cloud = awsClouds()(aTarget('eu-west-1'));
  const readings = await cloud.logStores.read([AT_A]);
  if (readings[0]?.status !== 'FOUND') throw new Error('/a cannot be read');
  const rules = rulesAt(new Date(), { key: keyArn });
  const keys = keyCache(AT_A, cloud.keys, rules);
  const [evaluation] = await evaluateStores(readings, { keys, tags: tagsNow(cloud, rules) }, rules);
  const step = evaluation && stepOf(evaluation);
  if (step?.action !== 'SEAL') throw new Error('/a would not be sealed');
  const racing: Cloud = {
    ...cloud,
    logStores: {
      ...cloud.logStores,
      async seal(store, key) {
        await keysOf(desk.sandbox).disable(keyArn);
        await cloud.logStores.seal(store, key);
      },
    },
  };
  const outcomes = await applySteps([step], racing, {
    runId: 'race',
    actor: 'arn:aws:iam::111122223333:user/sandbox',
    journal: { append: async () => {} },
    clock: () => new Date(),
    rules,
    onOutcome: () => {},
  });
  vi.unstubAllEnvs();
  return outcomes;
}

const AT_A = {
  provider: 'aws',
  account: '111122223333',
  region: 'eu-west-1',
  type: 'log-group',
  name: '/a',
  arn: STORE,
} as const;

/** All that logseal says of a refusal, whatever the key. */
const explanations = new Map<string, string>();
const explained = ({ code, message, fix }: { code: string; message: string; fix: string }) =>
  [code, message, fix].join('\n').replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'KEY');

describe.each(CAUSES.map((cause, index) => [cause.title, cause, index === RACE] as const))(
  '%s',
  (title, cause, isRace) => {
    it('is refused by AWS in the same words as all the others', async () => {
      const { desk, own, keyArn } = await aDeskWith(cause);
      if (isRace) await keysOf(desk.sandbox).disable(keyArn);

      expect(await own.refusal('/a', keyArn)).toBe(`AccessDeniedException: ${WORDS}`);
    });

    it('is explained by key check', async () => {
      const { desk, keyArn, env } = await aDeskWith(cause);
      if (isRace) await keysOf(desk.sandbox).disable(keyArn);

      const { status, stdout } = await desk.run(`key check --key ${keyArn} --log-group /a --format json`, { env });

      const { targets } = parseDocument(keyCheckSchema, stdout);
      const checks = targets.flatMap((target) => target.checks);
      const found = checks.find(({ check, action }) => check === cause.check.check && action === cause.check.action);
      expect(status).toBe(3);
      expect(found).toMatchObject({ ...cause.check, code: cause.code });
      expect(found?.message).toContain(cause.message);
      // The group was named, so its fix is for it alone.
      expect(found?.fix).toContain(cause.fix.replace('log-group:*', 'log-group:/a'));
    });

    it('is explained by apply, with the words of AWS where it was asked', async () => {
      const { desk, keyArn, env } = await aDeskWith(cause);
      desk.sandbox.resetCalls();

      const words = `apply --key ${keyArn} --yes --quiet --format json`;
      const ran = isRace ? null : await desk.run(words, { env });
      const steps = ran ? parseDocument(outcomeSchema, ran.stdout).steps : await applyInARace(desk, keyArn);

      const step = steps.find(({ store }) => store.name === '/a');
      const refusal = step?.refusal ?? { code: '', message: '', fix: '' };
      const { code, message, fix } = cause;
      if (ran) expect(ran.status).toBe(3);
      expect(step).toMatchObject({ outcome: 'REFUSED', refusal: { code } });
      expect(refusal.message).toContain(message);
      expect(refusal.fix).toContain(fix);
      expect(refusal.message.includes(WORDS)).toBe(cause.isAsked ?? false);
      expect(runCalls(desk.sandbox, 'logs:AssociateKmsKey')).toBe(cause.isAsked ? 1 : 0);
      explanations.set(title, explained(refusal));
      expect((await keysOf(desk.sandbox).attached())['/a']).toBe(null);
    });
  },
);

it('a right that the caller lacks is explained by apply --no-caller-check too, once AWS has refused', async () => {
  const cause = CAUSES.find(({ rights, code }) => rights && code === 'CALLER_MISSING_RIGHTS');
  if (!cause) throw new Error('there is no such cause');
  const { desk, keyArn, env } = await aDeskWith(cause);

  const { stdout } = await desk.run(`apply --key ${keyArn} --yes --quiet --format json --no-caller-check`, { env });

  const { steps } = parseDocument(outcomeSchema, stdout);
  const refusal = steps.find(({ store }) => store.name === '/a')?.refusal;
  expect(refusal).toMatchObject({ code: cause.code, fix: expect.stringContaining(cause.fix) });
  expect(refusal?.message).toContain(cause.message);
  expect(refusal?.message).toContain(WORDS);
  expect(runCalls(desk.sandbox, 'logs:AssociateKmsKey')).toBe(1);
});

it('each of them has its own explanation', () => {
  expect([...explanations.keys()]).toEqual(CAUSES.map(({ title }) => title));
  expect(new Set(explanations.values()).size).toBe(CAUSES.length);
});
