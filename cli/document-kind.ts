/** What people give instead of a key policy, by its content. */
export type DocumentKind =
  | 'CLOUDFORMATION'
  | 'CDK_MANIFEST'
  | 'TERRAFORM_PLAN'
  | 'TERRAFORM_SHOWN_STATE'
  | 'TERRAFORM_STATE'
  | 'TERRAFORM_STREAM'
  | 'TERRAFORM_BINARY_PLAN'
  | 'HCL'
  | 'YAML_POLICY'
  | 'YAML';

/** @returns undefined for JSON of any other kind and for any other text */
export function kindOfText(text: string): DocumentKind | undefined {
  const lines = text.split(/\r?\n/);
  const first = objectIn(lines[0] ?? '');
  if (first && '@level' in first && '@module' in first) return 'TERRAFORM_STREAM';
  const document = objectIn(text);
  return document ? kindOfObject(document) : kindOfLines(lines);
}

/** Terraform's binary plan is a zip archive. */
export function kindOfBytes(bytes: Uint8Array): DocumentKind | undefined {
  return Buffer.from(bytes.subarray(0, 4)).toString('latin1') === 'PK\x03\x04' ? 'TERRAFORM_BINARY_PLAN' : undefined;
}

type JsonObject = Readonly<Record<string, unknown>>;

function kindOfObject(document: JsonObject): DocumentKind | undefined {
  const { Resources: resources, artifacts } = document;
  if ('AWSTemplateFormatVersion' in document) return 'CLOUDFORMATION';
  if (isObject(resources) && Object.values(resources).some((resource) => isObject(resource) && 'Type' in resource)) {
    return 'CLOUDFORMATION';
  }
  if ('version' in document && isObject(artifacts)) return 'CDK_MANIFEST';
  if ('format_version' in document && ('planned_values' in document || 'resource_changes' in document)) {
    return 'TERRAFORM_PLAN';
  }
  if ('format_version' in document && 'terraform_version' in document) return 'TERRAFORM_SHOWN_STATE';
  return 'lineage' in document && 'serial' in document ? 'TERRAFORM_STATE' : undefined;
}

/** Each rule is for a line, so that no text takes long. */
const HCL = [
  /^[ \t]*(resource|data)[ \t]+"[^"]*"[ \t]+"[^"]*"[ \t]*\{/,
  /^[ \t]*(module|variable|output|provider)[ \t]+"[^"]*"[ \t]*\{/,
  /^[ \t]*(locals|terraform)[ \t]*\{/,
  /^[ \t]*"?(Version|Statement)"?[ \t]*=/,
  /^[ \t]*policy[ \t]*=/,
];
const CLOUDFORMATION = /^(AWSTemplateFormatVersion:|[ \t]+["']?Type["']?:[ \t]*["']?\w+::\w+)/;
const YAML_POLICY = /^["']?(Statement|Version)["']?:([ \t]|$)/;
/** A line of block YAML that is not indented: a field, an item of a list, a comment, or the begin or end of a document. */
const YAML = /^(["']?[\w./-]+["']?:([ \t]|$)|-([ \t]|$)|#|%|---|\.\.\.)/;

function kindOfLines(lines: readonly string[]): DocumentKind | undefined {
  const some = (rule: RegExp) => lines.some((line) => rule.test(line));
  if (HCL.some(some)) return 'HCL';
  const outer = lines.filter((line) => /^\S/.test(line));
  if (!outer.every((line) => YAML.test(line))) return undefined;
  if (some(CLOUDFORMATION)) return 'CLOUDFORMATION';
  if (some(YAML_POLICY)) return 'YAML_POLICY';
  // One line of any text may begin like a field, such as "Error: …".
  const isYaml = outer.some((line) => /^[^#]/.test(line)) && lines.filter((line) => /\S/.test(line)).length > 1;
  return isYaml ? 'YAML' : undefined;
}

function objectIn(json: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
