import type { TemplateReasonCode } from '../../domain/reasons.ts';
import type { Declared } from '../../domain/template/model.ts';
import type { WrittenResource } from './shape.ts';

/** The path of the construct that a resource of an app of the CDK is made from; undefined: it is of no such app. */
export function constructOf({ metadata }: WrittenResource): string | undefined {
  const path = metadata['aws:cdk:path'];
  return typeof path === 'string' ? path.replace(/\/Resource$/, '') : undefined;
}

/** Where an app of the CDK has what a finding is about, and what to write there. Nobody edits what `cdk synth` writes. */
export function inCdk({ sourcePath }: Declared, code: TemplateReasonCode): string | null {
  if (sourcePath === undefined) return null;
  const written = WRITTEN[code];
  return `in the CDK app: ${sourcePath}${written === undefined ? '' : `, ${written}`}`;
}

const WRITTEN: Partial<Readonly<Record<TemplateReasonCode, string>>> = {
  NO_KEY: 'encryptionKey: key in the properties of logs.LogGroup',
  KEY_NOT_AN_ARN: 'encryptionKey: key in the properties of logs.LogGroup',
  IMPLICIT_LOG_GROUP: 'beside it new logs.LogGroup(…) with logGroupName and encryptionKey: key',
  KEY_POLICY_MISSING_ACTIONS:
    'key.grantEncryptDecrypt(new iam.ServicePrincipal(`logs.${this.region}.amazonaws.com`)) or key.addToResourcePolicy(…)',
};
