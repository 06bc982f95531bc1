import * as Kms from '@aws-sdk/client-kms';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documentProblems } from '../../lib/domain/key-policy/document.ts';
import { readKeyPolicy } from '../../lib/domain/key-policy/read.ts';
import { logsService } from '../../lib/domain/key-policy/service-call.ts';
import { DOCUMENT_CODES, type DocumentCode } from '../../lib/domain/reasons.ts';
import { allows, denies, elements, SEED, statements } from '../domain/key-policy/arbitraries.ts';
import { aDeny, anAllow, aPolicy, type Json, KEY_ARN, ROOT } from '../domain/key-policy/builders.ts';
import { DOCUMENTED } from '../domain/key-policy/documented-policies.ts';
import { aSandbox, clients, refusal } from './support.ts';

const NOW = new Date('2026-11-21T00:00:00Z');

/** A sandbox with one key, which holds a key policy against what the validator says of it. */
async function aKms(uncertain: 'allow' | 'refuse' = 'refuse') {
  const region = 'us-east-1';
  const { sandbox } = await aSandbox({ world: { region, uncertain }, now: () => NOW });
  const client = clients(sandbox, { region }).kms;
  const { KeyMetadata } = await client.send(new Kms.CreateKeyCommand({}));
  const { Arn: KeyId = '' } = KeyMetadata ?? {};
  return {
    put: (Policy: string, BypassPolicyLockoutSafetyCheck = false) =>
      refusal(client.send(new Kms.PutKeyPolicyCommand({ KeyId, Policy, BypassPolicyLockoutSafetyCheck }))),
    create: (Policy: string) => refusal(client.send(new Kms.CreateKeyCommand({ Policy }))),
    policy: async () => (await client.send(new Kms.GetKeyPolicyCommand({ KeyId }))).Policy ?? '',
    /** The text with the ARN of this key in the place of that of the builders. */
    ofThisKey: (text: string) => text.replaceAll(KEY_ARN, KeyId),
    read: (text: string) => readKeyPolicy(text, logsService(KeyId, { now: NOW })),
  };
}

const INVALID_PRINCIPALS = /^MalformedPolicyDocumentException: Policy contains a statement with one or more invalid pr/;
const LOCKED_OUT =
  'MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future.';
const beside = (Principal: Json) => aPolicy([ROOT, anAllow({ Principal })]);

describe('a document that has a problem is refused, for a key that exists and for a new one', () => {
  const examples: Readonly<Record<DocumentCode, readonly [string, RegExp]>> = {
    TOO_LARGE: [aPolicy([ROOT]).padEnd(32_769), /^LimitExceededException: /],
    CHARACTERS: [aPolicy([{ ...ROOT, Sid: 'root \u2013 all' }]), /^ValidationException: /],
    PRINCIPAL_PATTERN: [beside({ AWS: 'arn:aws:iam::111122223333:role/*' }), INVALID_PRINCIPALS],
    PRINCIPAL_ORPHAN: [beside({ AWS: 'AROAEXAMPLEROLEID1234' }), INVALID_PRINCIPALS],
    PRINCIPAL_INVALID: [beside({ AWS: 'arn:aws-cn:iam::111122223333:root' }), INVALID_PRINCIPALS],
    SERVICE_NAME: [beside({ Service: 'us-east-1.logs.amazonaws.com' }), INVALID_PRINCIPALS],
    LOCKS_OUT: [aPolicy([anAllow()]), new RegExp(LOCKED_OUT)],
  };

  it('of each code there is an example', () => {
    expect(Object.keys(examples).sort()).toEqual([...DOCUMENT_CODES].sort());
  });

  it.each(Object.entries(examples))('%s', async (code, [text, message]) => {
    const { put, create, policy, read } = await aKms();
    const before = await policy();

    expect(documentProblems(read(text)).map((problem) => problem.code)).toEqual([code]);
    expect(await put(text)).toMatch(message);
    expect(await create(text)).toMatch(message);
    expect(await policy()).toBe(before);
    expect(await put(text, true)).toMatch(code === 'LOCKS_OUT' ? /^no error$/ : message);
  });

  it('with a byte order mark', async () => {
    const { put } = await aKms();

    expect(await put(`\ufeff${aPolicy([ROOT])}`)).toMatch(/^ValidationException: /);
    expect(await put(aPolicy([ROOT]))).toBe('no error');
  });

  it('but not where nothing is wrong with it', async () => {
    const { put, create } = await aKms();

    for (const { source, statements: documented } of DOCUMENTED.filter(({ partition }) => !partition)) {
      // A caller that only a role is named beside is locked out, which is apart from the document.
      const text = aPolicy(source.includes('only the administrators') ? [ROOT, ...documented] : documented);
      expect(await put(text), source).toBe('no error');
      expect(await create(text), source).toBe('no error');
    }
  });
});

describe('for every policy', () => {
  const principals = elements<Json>(
    { AWS: 'AIDAEXAMPLEUSERID1234' },
    { AWS: ['arn:aws:iam::444455556666:role/x', 'arn:aws:iam::111122223333:group/x'] },
    { AWS: 'arn:aws:sts::111122223333:assumed-role/x/y' },
    { Service: 'logs.REGION.amazonaws.com' },
    { Service: 'alexa-appkit.amazon.com' },
  );
  /** What may be wrong with a document beside what the generated statements do. */
  const more = fc.oneof(
    { weight: 4, arbitrary: fc.constant<Json[]>([]) },
    { weight: 1, arbitrary: principals.map((Principal) => [anAllow({ Principal })]) },
    {
      weight: 1,
      arbitrary: elements<Json[]>([{ Effect: 'Maybe' }], [anAllow({ Sid: '\u2014' })], [anAllow({ Sid: 'é' })]),
    },
    {
      weight: 1,
      arbitrary: elements<Json[]>(
        [aDeny({ Action: 'kms:Put*' })],
        [anAllow({ Action: [], Principal: { AWS: 'x'.repeat(33_000) } })],
      ),
    },
  );
  const owners = elements<Json[]>(
    [],
    [ROOT],
    [ROOT],
    [{ ...ROOT, Resource: `${KEY_ARN}0` }],
    [{ ...ROOT, Principal: { AWS: 'arn:aws:iam::111122223333:role/admin' } }],
    [{ ...ROOT, Condition: { StringEquals: { 'kms:ViaService': 'ec2.us-east-1.amazonaws.com' } } }],
  );
  const policies = fc
    .tuple(owners, fc.oneof(statements, fc.array(allows, { maxLength: 2 }), fc.array(denies, { maxLength: 1 })), more)
    .map((parts) => aPolicy(parts.flat()));

  it('the sandbox refuses what has a problem, and beyond that only what locks its caller out', async () => {
    const { put, ofThisKey, read } = await aKms();
    const seen: Record<string, number> = {};

    await fc.assert(
      fc.asyncProperty(policies, async (generated) => {
        const text = ofThisKey(generated);
        const policy = read(text);
        const codes = documentProblems(policy).map(({ code }) => code);
        for (const code of codes) seen[code] = (seen[code] ?? 0) + 1;
        const answer = await put(text);
        const withBypass = await put(text, true);

        const isMalformed = policy.status === 'MALFORMED';
        expect(withBypass === 'no error').toBe(!isMalformed && codes.every((code) => code === 'LOCKS_OUT'));
        if (isMalformed || codes.length > 0) expect(answer).not.toBe('no error');
        else if (answer !== 'no error') expect(answer).toBe(LOCKED_OUT);
        const what = isMalformed ? 'MALFORMED' : answer === 'no error' ? 'ACCEPTED' : 'REFUSED';
        seen[what] = (seen[what] ?? 0) + 1;
      }),
      { numRuns: 600, seed: SEED },
    );

    for (const what of [...DOCUMENT_CODES, 'MALFORMED', 'ACCEPTED', 'REFUSED']) {
      expect(seen[what] ?? 0, `${what} in ${JSON.stringify(seen)}`).toBeGreaterThan(5);
    }
  });
});

describe('what is apart from the document', () => {
  const optIn = beside({ Service: 'logs.eu-central-2.amazonaws.com' });

  it('is the caller, who may not be the one that may change the policy', async () => {
    const { put, read } = await aKms();
    const admin = aPolicy([{ ...ROOT, Principal: { AWS: 'arn:aws:iam::111122223333:role/admin' } }]);

    expect(documentProblems(read(admin))).toEqual([]);
    expect(await put(admin)).toBe(LOCKED_OUT);
    expect(await put(admin, true)).toBe('no error');
  });

  it('is a Region that must be enabled: refused unless the world allows what is not certain', async () => {
    const { put, read } = await aKms();
    const { create } = await aKms('allow');

    expect(documentProblems(read(optIn))).toEqual([]);
    expect(await put(optIn)).toMatch(INVALID_PRINCIPALS);
    expect(await create(optIn)).toBe('no error');
  });
});
