import type { TemplateReasonCode } from '../../domain/reasons.ts';
import type { Declared } from '../../domain/template/model.ts';
import type { WrittenResource } from './shape.ts';

/** The path of the construct that a resource of an app of the CDK is made from; undefined: it is of no such app. */
export function constructOf({ metadata }: WrittenResource): string | undefined {
  const path = metadata['aws:cdk:path'];
  return typeof path === 'string' ? path.replace(/\/Resource$/, '') : undefined;
}

/** What to write in an app of the CDK, and for which construct. Nobody edits what `cdk synth` writes. */
export function inCdk({ sourcePath }: Declared, code: TemplateReasonCode): string | null {
  if (sourcePath === undefined) return null;
  const written = WRITTEN[code];
  if (written === undefined) return `in the CDK app change ${sourcePath}`;
  const [where, what] = written;
  return `in the CDK app write ${where} ${sourcePath}: ${what}`;
}

const ATTACH = ['for', 'encryptionKey: key in the properties of logs.LogGroup'] as const;

const WRITTEN: Partial<Readonly<Record<TemplateReasonCode, readonly [where: string, what: string]>>> = {
  NO_KEY: ATTACH,
  KEY_NOT_AN_ARN: ATTACH,
  IMPLICIT_LOG_GROUP: ['beside', 'new logs.LogGroup(…) with logGroupName and encryptionKey: key'],
  KEY_POLICY_MISSING_ACTIONS: [
    'for',
    'key.grantEncryptDecrypt(new iam.ServicePrincipal(`logs.${this.region}.${this.urlSuffix}`)) or key.addToResourcePolicy(…)',
  ],
};
