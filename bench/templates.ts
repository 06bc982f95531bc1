import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cost, LOGSEAL, measure, mebibytes } from './process.ts';

const RESOURCES = 10_000;
const TEMPLATES = 1_000;

/** Checks one template of 10,000 resources in YAML and in JSON, and a directory of 1,000 templates. */
export async function templatesBench(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'logseal-bench-'));
  await writeFile(join(directory, 'small.yaml'), yamlOf(2));
  await writeFile(join(directory, 'large.yaml'), yamlOf(RESOURCES));
  await writeFile(join(directory, 'large.json'), JSON.stringify(templateOf(RESOURCES), null, 1));
  await mkdir(join(directory, 'many'));
  for (let index = 0; index < TEMPLATES; index++) await writeFile(join(directory, 'many', `${index}.yaml`), yamlOf(20));
  const small = await check(join(directory, 'small.yaml'));
  for (const [name, what, goal] of [
    ['large.yaml', `${RESOURCES.toLocaleString('en')} resources in YAML`, 'goals 2 s and 200 MiB'],
    ['large.json', `${RESOURCES.toLocaleString('en')} resources in JSON`, 'goals 2 s and 200 MiB'],
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
