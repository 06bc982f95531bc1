import { describe, expect, it } from 'vitest';
import { aLogsPolicy } from '../support/builders.ts';
import { malformedMessage } from './check-policy.ts';

const policy = JSON.parse(aLogsPolicy());
const json = (document: object) => JSON.stringify(document, null, 2);
const key = { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: policy } };

const TEMPLATE_YAML = `# The key of the logs
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      Description: !Sub the key of \${AWS::StackName}
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
`;

const HCL = `# The key of the logs
resource "aws_kms_key" "logs" {
  policy = data.aws_iam_policy_document.logs.json
}
`;

const STREAM = [
  { '@level': 'info', '@message': 'Terraform 1.9.0', '@module': 'terraform.ui', type: 'version' },
  { '@level': 'info', '@message': 'Plan: 1 to add', '@module': 'terraform.ui', type: 'change_summary' },
]
  .map((line) => JSON.stringify(line))
  .join('\n');

const CLOUDFORMATION =
  /^it is a CloudFormation template .*'logseal template check' with it, or put the KeyPolicy of one AWS::KMS::Key/;
const HAND_OVER = /'logseal template check'.* or put the policy of one aws_kms_key/;
const SHOW = /'logseal template check'.*'terraform show -json PLAN'.* or put the policy of one aws_kms_key/;

describe('the message says what the file is, and which command reads it', () => {
  it.each<[string, string | Uint8Array, RegExp]>([
    ['a CloudFormation template', json({ AWSTemplateFormatVersion: '2010-09-09', Resources: {} }), CLOUDFORMATION],
    ['a CDK template', json({ Resources: { Key: key }, Rules: {} }), CLOUDFORMATION],
    ['a CloudFormation template in YAML', TEMPLATE_YAML, CLOUDFORMATION],
    ['with Windows line ends and a byte order mark', `\uFEFF${TEMPLATE_YAML.replaceAll('\n', '\r\n')}`, CLOUDFORMATION],
    ['a part of one in YAML', '  Key:\n    Type: "AWS::KMS::Key"\n', CLOUDFORMATION],
    [
      'the manifest of a CDK app',
      json({ version: '36.0.0', artifacts: { Logs: { type: 'aws:cloudformation:stack' } } }),
      /^it is the manifest of a CDK app.*'logseal template check' with it, or put the KeyPolicy of one AWS::KMS::Key/,
    ],
    [
      'a Terraform plan',
      json({ format_version: '1.2', terraform_version: '1.9.0', planned_values: {}, resource_changes: [] }),
      /^it is a Terraform plan in JSON/,
    ],
    [
      'a Terraform state',
      json({ format_version: '1.0', terraform_version: '1.9.0', values: {} }),
      /^it is a Terraform state in JSON/,
    ],
  ])('%s', async (_, file, expected) => {
    const message = await malformedMessage(file);

    expect(message).toMatch(expected);
    if (message.includes('Terraform')) expect(message).toMatch(HAND_OVER);
  });

  it.each<[string, string | Uint8Array, string]>([
    [
      'a raw Terraform state',
      json({ version: 4, terraform_version: '1.9.0', serial: 1, lineage: 'a', resources: [] }),
      'a raw Terraform state',
    ],
    ["the output of 'terraform plan -json'", STREAM, "the output of 'terraform plan -json'"],
    ['one line of it', STREAM.split('\n')[0] ?? '', "the output of 'terraform plan -json'"],
    ['a binary Terraform plan', Buffer.from('PK\x03\x04\xff\xfe', 'latin1'), 'a zip archive'],
    ['HCL', HCL, 'HCL'],
    ['a module', '\nmodule "kms" {\n  source = "./kms"\n}\n', 'HCL'],
    ['the argument of jsonencode', '{\n  Version = "2012-10-17"\n  Statement = []\n}', 'HCL'],
  ])('%s: and which command makes the right file', async (_, file, what) => {
    const message = await malformedMessage(file);

    expect(message.startsWith(`it is ${what}`)).toBe(true);
    expect(message).toMatch(SHOW);
  });

  it.each([
    ['a policy', 'Version: "2012-10-17"\nStatement:\n  - Effect: Allow\n'],
    ['a policy without Version', '---\n"Statement":\n- Effect: Allow\n'],
    ['the beginning of one', 'Version: 2012-10-17'],
  ])('%s in YAML', async (_, file) => {
    expect(await malformedMessage(file)).toMatch(/^it is a key policy in YAML, and KMS takes JSON only; convert it/);
  });

  it('other YAML', async () => {
    const printed = 'Policy: "{\\"Version\\":\\"2012-10-17\\"}"\nPolicyName: default\n';

    expect(await malformedMessage(printed)).toMatch(/^it is YAML, .*get-key-policy .* --output json$/);
    expect(await malformedMessage('- a: 1\n- b: 2\n')).toMatch(/^it is YAML/);
  });
});

describe('the message says nothing of that kind about', () => {
  it.each([
    ['one line that begins like YAML', 'Error: AccessDenied'],
    ['prose', 'Dear colleague,\n\nthe policy: as we said.\n'],
    ['comments', '# one\n# two\n'],
    ['broken JSON', aLogsPolicy().slice(0, -1)],
    ['broken JSON that is not indented', '{\n"Version": "2012-10-17",\n"Statement": [\n}\n'],
    ['broken JSON of a template', json({ Resources: { Key: key } }).slice(0, -1)],
  ])('%s', async (_, file) => {
    expect(await malformedMessage(file)).toMatch(/^it is not JSON/);
  });

  it.each([
    ['Resources that are something else', json({ Resources: ['a'] })],
    ['a version alone', json({ version: 4 })],
    ['a format_version alone', json({ format_version: '1.0' })],
  ])('%s', async (_, file) => {
    expect(await malformedMessage(file)).toMatch(/^there is no Statement/);
  });

  it('a malformed policy, whatever else it holds', async () => {
    const message = await malformedMessage(json({ ...policy, Version: 'x', serial: 1 }));

    expect(message).toBe('Version is "x", expected "2012-10-17" or "2008-10-17"');
  });
});
