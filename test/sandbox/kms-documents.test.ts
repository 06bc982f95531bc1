import * as Kms from '@aws-sdk/client-kms';
import { expect, it } from 'vitest';
import { policyProblems } from '../../lib/domain/key-policy/document.ts';
import { readKeyPolicy } from '../../lib/domain/key-policy/read.ts';
import { logsService } from '../../lib/domain/key-policy/service-call.ts';
import type { DocumentCode } from '../../lib/domain/reasons.ts';
import { aKeyArn } from '../support/builders.ts';
import { ACCOUNT, aSandbox, refusal } from './support.ts';

const ROOT = { Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'kms:*', Resource: '*' };
const withStatement = (statement: object) => JSON.stringify({ Statement: [ROOT, { ...ROOT, ...statement }] });

const INVALID_PRINCIPAL =
  'MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals.';
/** For each code a document that has this problem alone, and what KMS says. */
const DOCUMENTS: Readonly<Record<DocumentCode, readonly [document: string, error: string]>> = {
  TOO_LARGE: [withStatement({}).padEnd(32_769), 'LimitExceededException: The policy is longer than 32768 bytes.'],
  CHARACTERS: [
    withStatement({ Sid: '\u201Cmine\u201D' }),
    String.raw`ValidationException: 1 validation error detected: Value '…' at 'policy' failed to satisfy constraint: Member must satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u00FF]+`,
  ],
  PRINCIPAL_PATTERN: [withStatement({ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/app-*` } }), INVALID_PRINCIPAL],
  PRINCIPAL_ORPHAN: [withStatement({ Principal: { AWS: 'AROAEXAMPLEEXAMPLE123' } }), INVALID_PRINCIPAL],
  PRINCIPAL_INVALID: [withStatement({ Principal: { AWS: 'somebody' } }), INVALID_PRINCIPAL],
  SERVICE_NAME: [withStatement({ Principal: { Service: 'logs.eu-west-1' } }), INVALID_PRINCIPAL],
  LOCKS_OUT: [
    JSON.stringify({ Statement: { ...ROOT, Action: 'kms:Encrypt' } }),
    'MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future.',
  ],
};

it.each(Object.entries(DOCUMENTS))('a document with the problem %s is refused', async (code, [document, error]) => {
  const { kms } = await aSandbox({ world: { keys: { own: { alias: 'alias/own' } } } });
  const { KeyMetadata } = await kms.send(new Kms.DescribeKeyCommand({ KeyId: 'alias/own' }));
  const policy = readKeyPolicy(document, logsService(aKeyArn('own'), { now: new Date() }));

  expect(policyProblems(policy).map((problem) => problem.code)).toEqual([code]);
  expect(await refusal(kms.send(new Kms.PutKeyPolicyCommand({ KeyId: KeyMetadata?.KeyId, Policy: document })))).toBe(
    error,
  );
});
