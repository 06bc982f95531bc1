import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cost, LOGSEAL, measure, mebibytes } from './process.ts';

const RESOURCES = 10_000;
const TEMPLATES = 1_000;

const KEYS = 50;

/** Checks one template of 10,000 resources in YAML and in JSON, one with 50 keys that admit other log groups, a plan, and a directory of 1,000. */
export async function templatesBench(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'logseal-bench-'));
  await writeFile(join(directory, 'small.yaml'), yamlOf(2));
  await writeFile(join(directory, 'large.yaml'), yamlOf(RESOURCES));
  await writeFile(join(directory, 'large.json'), JSON.stringify(templateOf(RESOURCES), null, 1));
  await writeFile(join(directory, 'keys.json'), JSON.stringify(withKeys(RESOURCES)));
  await writeFile(join(directory, 'plan.json'), JSON.stringify(planOf(RESOURCES)));
  await mkdir(join(directory, 'many'));
  for (let index = 0; index < TEMPLATES; index++) await writeFile(join(directory, 'many', `${index}.yaml`), yamlOf(20));
  const small = await check(join(directory, 'small.yaml'));
  for (const [name, what, goal] of [
    ['large.yaml', `${RESOURCES.toLocaleString('en')} resources in YAML`, 'goals 2 s and 200 MiB'],
    ['large.json', `${RESOURCES.toLocaleString('en')} resources in JSON`, 'goals 2 s and 200 MiB'],
    ['keys.json', `as many and ${KEYS} keys that admit other log groups`, 'goals 2 s and 200 MiB'],
    ['plan.json', `a plan of ${RESOURCES.toLocaleString('en')} resources`, 'goals 2 s and 200 MiB'],
    ['many', `a directory of ${TEMPLATES.toLocaleString('en')} templates`, 'no goal'],
  ] as const) {
    const { seconds, peakBytes } = await check(join(directory, name));
    const more = mebibytes(peakBytes - small.peakBytes);
    process.stdout.write(
      `template check of ${what}: ${seconds.toFixed(1)} s, ${more} above one of 2 resources (${goal})\n`,
    );
  }
  await rm(directory, { recursive: true });
}

function check(path: string): Promise<Cost> {
  return measure([...LOGSEAL, 'template', 'check', path, '--format', 'json'], {});
}

/** Half of the resources are functions, the others their log groups. */
function templateOf(resources: number): object {
  const pairs = Array.from({ length: resources / 2 }, (_, index) => [
    [
      `Function${index}`,
      { Type: 'AWS::Lambda::Function', Properties: { Handler: 'a.b', Code: { S3Bucket: 'b', S3Key: `${index}.zip` } } },
    ],
    [
      `Logs${index}`,
      {
        Type: 'AWS::Logs::LogGroup',
        Properties: {
          LogGroupName: { 'Fn::Sub': `/aws/lambda/\${Function${index}}` },
          KmsKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] },
        },
      },
    ],
  ]);
  return { Resources: { ...Object.fromEntries(pairs.flat()), Key: { Type: 'AWS::KMS::Key' } } };
}

/** Log groups without a key, for each of which a key is searched that admits it. */
function withKeys(resources: number): object {
  const groups = Array.from({ length: resources }, (_, index) => [
    `Logs${index}`,
    { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: { 'Fn::Sub': `/\${Stage}/${index}` } } },
  ]);
  const keys = Array.from({ length: KEYS }, (_, index) => [
    `Key${index}`,
    { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: policyFor(`/other/${index}/*`) } },
  ]);
  return { Parameters: { Stage: { Type: 'String' } }, Resources: Object.fromEntries([...groups, ...keys]) };
}

/** Half of the resources are log groups, the others their keys, whose ARNs are known only after the apply. */
function planOf(resources: number): object {
  const common = { mode: 'managed', provider_name: 'registry.terraform.io/hashicorp/aws' };
  const changes = Array.from({ length: resources / 2 }, (_, index) => [
    {
      ...{
        ...common,
        type: 'aws_cloudwatch_log_group',
        name: 'app',
        index,
        address: `aws_cloudwatch_log_group.app[${index}]`,
      },
      change: { actions: ['create'], after: { name: `/app/${index}` }, after_unknown: { kms_key_id: true } },
    },
    {
      ...{ ...common, type: 'aws_kms_key', name: 'logs', index, address: `aws_kms_key.logs[${index}]` },
      change: { actions: ['create'], after: { is_enabled: true }, after_unknown: { arn: true, policy: true } },
    },
  ]).flat();
  const references = ['aws_kms_key.logs', 'count.index'];
  const configuration = [
    {
      ...common,
      type: 'aws_cloudwatch_log_group',
      name: 'app',
      address: 'aws_cloudwatch_log_group.app',
      expressions: { kms_key_id: { references } },
    },
    { ...common, type: 'aws_kms_key', name: 'logs', address: 'aws_kms_key.logs', expressions: {} },
  ].map((each) => ({ ...each, count_expression: { constant_value: resources / 2 } }));
  return {
    ...{ format_version: '1.2', terraform_version: '1.9.0', resource_changes: changes },
    planned_values: {
      root_module: { resources: changes.map(({ change, ...each }) => ({ ...each, values: change.after })) },
    },
    configuration: { root_module: { resources: configuration } },
  };
}

function policyFor(names: string): object {
  const root = { 'Fn::Sub': `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:root` };
  const arn = { 'Fn::Sub': `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:${names}` };
  return {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: root }, Action: 'kms:*', Resource: '*' },
      {
        Effect: 'Allow',
        Principal: { Service: { 'Fn::Sub': `logs.\${AWS::Region}.amazonaws.com` } },
        Action: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
        Resource: '*',
        Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': arn } },
      },
    ],
  };
}

function yamlOf(resources: number): string {
  const pairs = Array.from(
    { length: resources / 2 },
    (_, index) => `  Function${index}:
    Type: AWS::Lambda::Function
    Properties:
      Handler: a.b
      Code:
        S3Bucket: b
        S3Key: ${index}.zip
  Logs${index}:
    Type: AWS::Logs::LogGroup
    Properties:
      LogGroupName: !Sub /aws/lambda/\${Function${index}}
      KmsKeyId: !GetAtt Key.Arn
`,
  );
  return `Resources:\n${pairs.join('')}  Key: { Type: AWS::KMS::Key }\n`;
}
