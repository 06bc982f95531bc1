export const MAKE_PLAN = 'terraform plan -out=tfplan && terraform show -json tfplan > plan.json';
const MAKE_STATE = 'terraform show -json > state.json';

/** The bytes with which a zip archive begins. */
const ZIP = [0x50, 0x4b, 0x03, 0x04];

/** Whether a file is what `terraform plan -out` writes, which is an archive. */
export function isBinaryPlan(bytes: Uint8Array): boolean {
  return ZIP.every((byte, position) => bytes[position] === byte);
}

/** Whether a text is meant for Terraform: what `terraform show -json` writes, or something that is taken for it. */
export function isTerraform(text: string, path: string): boolean {
  return isShown(text) || otherFile(text, path) !== undefined;
}

/** What is taken for the output of `terraform show -json`, with the command that makes the right file; undefined: it may be that output. */
export function otherFile(text: string, path: string): string | undefined {
  if (isStream(text)) return `it is the stream of terraform plan -json, which has no values: run ${MAKE_PLAN}`;
  if (isShown(text)) return undefined;
  if (isVariables(path)) {
    return `it is the values of variables, not a plan: run ${MAKE_PLAN.replace('plan', `plan -var-file=${fileName(path)}`)}`;
  }
  if (isRawState(text)) {
    return `it is a raw state: run terraform show -json ${fileName(path)} > state.json in the directory of its configuration`;
  }
  if (isStateForPeople(text)) return `it is a state as people read it: run ${MAKE_STATE}`;
  if (isPlanForPeople(text)) return `it is a plan as people read it: run ${MAKE_PLAN}`;
  if (isHcl(text, path)) return `it is the configuration of Terraform, not a plan: run ${MAKE_PLAN}`;
  if (isPartOfPlan(text)) {
    return `it is only a part of what terraform show -json writes, without its format_version: run ${MAKE_PLAN}`;
  }
  return undefined;
}

/** The name of a file as a command takes it. */
export function fileName(path: string): string {
  const name = path.replace(/^.*\//, '');
  return /^\w[\w.-]*$/.test(name) ? name : 'FILE';
}

/** Lines of a wrapper may come before. An empty state has nothing but its version. */
function isShown(text: string): boolean {
  if (!/"format_version"\s*:/.test(text) || !/^\{/m.test(text.trimStart())) return false;
  return (
    /"(?:planned_values|resource_changes|prior_state)"\s*:|"values"\s*:\s*\{\s*"(?:outputs|root_module)"/.test(text) ||
    /^\s*\{\s*"format_version"\s*:\s*"[\d.]+"\s*(?:,\s*"terraform_version"\s*:\s*"[\w.+-]+"\s*)?\}\s*$/.test(text)
  );
}

function isStream(text: string): boolean {
  return /^\s*\{"@level":/.test(text);
}

function isRawState(text: string): boolean {
  return isJson(text) && /"serial"\s*:\s*\d/.test(text) && /"lineage"\s*:\s*"/.test(text);
}

function isPartOfPlan(text: string): boolean {
  return isJson(text) && /"resource_changes"\s*:\s*\[/.test(text) && /"actions"\s*:\s*\[/.test(text);
}

function isVariables(path: string): boolean {
  return /\.tfvars(?:\.json)?$/i.test(path);
}

/** The address of a resource, as a comment above what becomes of it. */
const ADDRESS = String.raw`(?:module\.\S+|(?:data\.)?[a-z\d]+_\w+\.\S+)`;
const PLAN_FOR_PEOPLE = [
  '(?:Terraform|OpenTofu) (?:will perform the following actions|used the selected providers)',
  'An execution plan has been generated and is shown below',
  String.raw`No changes\. (?:Your infrastructure matches|Infrastructure is up-to-date)`,
  String.raw`Plan: \d+ to (?:add|import)\b`,
  `# ${ADDRESS} (?:(?:will|must) be (?:created|destroyed|replaced|updated|read|imported)|is tainted, so must be)`,
];

const COLOUR = /\p{Cc}\[[\d;]*m/gu;

function isPlanForPeople(text: string): boolean {
  const line = new RegExp(`^[ \\t]*(?:${PLAN_FOR_PEOPLE.join('|')})`, 'm');
  return !isJson(text) && line.test(text.replace(COLOUR, ''));
}

function isStateForPeople(text: string): boolean {
  const block = new RegExp(String.raw`^# ${ADDRESS}:(?: \(tainted\))?\s*\n(?:resource|data) "`, 'm');
  return block.test(text.replace(COLOUR, ''));
}

/** By its name; or the first line that is no comment opens a block; or, in JSON, it has blocks of AWS. */
function isHcl(text: string, path: string): boolean {
  const first = /^(?:\s|#.*$|\/\/.*$|\/\*[\s\S]*?\*\/)*(.*)$/m.exec(text.slice(0, 100_000))?.[1] ?? '';
  const isBlock =
    /^(?:terraform|locals|moved|removed|import|(?:resource|data|ephemeral)\s+"[\w-]+"\s+"[\w-]+"|(?:provider|variable|module|output|check)\s+"[\w-]+")\s*\{/;
  const isBlockInJson = /"(?:resource|data)"\s*:\s*[[{]\s*(?:\{\s*)?"aws_\w+"\s*:/;
  const isOfBlocks = /^\s*\{\s*"(?:\/\/|terraform|provider|variable|locals|module|data|resource|output)"\s*:/;
  return (
    /\.(?:tf|tofu)(?:\.json)?$/i.test(path) ||
    isBlock.test(first) ||
    (isOfBlocks.test(text) && isBlockInJson.test(text))
  );
}

function isJson(text: string): boolean {
  return /^\s*\{/.test(text);
}
