import { withoutByteOrderMark } from '../lib/domain/key-policy/json-text.ts';
import { type DocumentKind, kindOfBytes, kindOfText } from './document-kind.ts';

const EXPECTED =
  'expected a key policy in JSON, which this prints: aws kms get-key-policy --key-id KEY --policy-name default --output json';

/** A policy with more mistakes is described well enough by these. */
const SHOWN_MISTAKES = 10;

/**
 * What is wrong with a text that was given as a key policy and is not well-formed.
 * @param mistakes as `parseKeyPolicy` lists them
 * @returns the mistakes in a policy; of anything else one, which says what it is and what to do
 */
export function explainMalformed(text: string, mistakes: readonly string[]): readonly string[] {
  if (text.includes('\0')) {
    return ['it contains NUL characters, as UTF-16 without a byte order mark and binary files do; save it as UTF-8'];
  }
  if (text.trim() === '') return [`it is empty; ${EXPECTED}`];
  const kind = kindOfText(withoutByteOrderMark(text));
  if (kind) return [MESSAGES[kind]];
  if (!isPolicyLike(text)) return [`${mistakes.join('; ')}; ${EXPECTED}`];
  const omitted = mistakes.length - SHOWN_MISTAKES;
  return omitted > 0 ? [...mistakes.slice(0, SHOWN_MISTAKES), `and ${omitted.toLocaleString('en')} more`] : mistakes;
}

/** What is wrong with bytes that are neither UTF-8 nor UTF-16. */
export function explainBytes(bytes: Uint8Array): string {
  const kind = kindOfBytes(bytes);
  return kind ? MESSAGES[kind] : `it is neither UTF-8 nor UTF-16 with a byte order mark; ${EXPECTED}`;
}

function isPolicyLike(text: string): boolean {
  try {
    const document: unknown = JSON.parse(withoutByteOrderMark(text));
    return typeof document === 'object' && document !== null && 'Statement' in document;
  } catch {
    return false;
  }
}

const CHECK = "Run 'logseal template check'";
const KEY_POLICY = `${CHECK} with it, or put the KeyPolicy of one AWS::KMS::Key, as JSON, into a file of its own`;
const POLICY = 'put the policy of one aws_kms_key, as JSON, into a file of its own';
const PLAN = `${CHECK} with it, or ${POLICY}`;
const NO_PLAN = `${CHECK} with a plan in JSON ('terraform plan -out PLAN', then 'terraform show -json PLAN'), or ${POLICY}`;

const MESSAGES: Readonly<Record<DocumentKind, string>> = {
  CLOUDFORMATION: `it is a CloudFormation template (CDK writes those too). ${KEY_POLICY}`,
  CDK_MANIFEST: `it is the manifest of a CDK app. ${KEY_POLICY}: it is in the template of the stack`,
  TERRAFORM_PLAN: `it is a Terraform plan in JSON. ${PLAN}`,
  TERRAFORM_SHOWN_STATE: `it is a Terraform state in JSON. ${PLAN}`,
  TERRAFORM_STATE: `it is a raw Terraform state. ${NO_PLAN}`,
  TERRAFORM_STREAM: `it is the output of 'terraform plan -json'. ${NO_PLAN}`,
  TERRAFORM_BINARY_PLAN: `it is a zip archive, as a binary Terraform plan is. ${NO_PLAN}`,
  HCL: `it is HCL, the language of Terraform. ${NO_PLAN}`,
  YAML_POLICY: "it is a key policy in YAML, and KMS takes JSON only; convert it, for instance with 'yq -o json FILE'",
  YAML: `it is YAML, and KMS takes JSON only; ${EXPECTED}`,
};
