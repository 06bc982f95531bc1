import { describe, expect, it } from 'vitest';
import { aTemplateDesk } from './desk.ts';

const group = (key: unknown) => ({
  Type: 'AWS::Logs::LogGroup',
  Properties: { LogGroupName: '/app/nested', KmsKeyId: key },
});
const attribute = (...path: string[]) => ({ 'Fn::GetAtt': path });
const PRINCIPAL = { Service: { 'Fn::Join': ['', ['logs.', { Ref: 'AWS::Region' }, '.amazonaws.com']] } };
const KEY = {
  Type: 'AWS::KMS::Key',
  Properties: {
    KeyPolicy: {
      Statement: [
        {
          Effect: 'Allow',
          Principal: PRINCIPAL,
          Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*'],
          Resource: '*',
        },
      ],
    },
  },
};
const NESTED = {
  Resources: { NestedLogs: group({ Ref: 'KeyParameter' }) },
  Parameters: { KeyParameter: { Type: 'String' } },
};
const stack = (templateFile: string, environment = 'aws://unknown-account/unknown-region') => ({
  type: 'aws:cloudformation:stack',
  environment,
  properties: { templateFile },
});
const manifest = (artifacts: object) => JSON.stringify({ version: '48.0.0', artifacts });
const parent = (resource: object) =>
  JSON.stringify({
    Resources: {
      Key: KEY,
      Nested: {
        Type: 'AWS::CloudFormation::Stack',
        ...resource,
      },
    },
  });
const PARAMETERS = { KeyParameter: attribute('Key', 'Arn') };

describe('an app of the CDK', () => {
  it.each([
    ['eu-west-1', 'aws://111122223333/eu-west-1', '--region us-east-1 --account 222233334444'],
    ['eu-west-1', 'aws://unknown-account/unknown-region', '--region eu-west-1'],
    ['us-east-1', 'aws://unknown-account/us-east-1', '--region eu-west-1'],
  ])('is deployed in %s by %s and %s', async (region, environment, options) => {
    const key = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const desk = await aTemplateDesk({
      'manifest.json': manifest({ App: stack('App.template.json', environment) }),
      'App.template.json': JSON.stringify({ Resources: { Logs: group(key) } }),
    });
    const { document } = await desk.check(`. ${options}`);

    const isHere = region === 'eu-west-1';
    expect(document.findings[0]?.reasons.map(({ code }) => code)).toEqual(isHere ? [] : ['KEY_WRONG_REGION']);
  });

  it('has the templates of its manifest, and no others', async () => {
    const desk = await aTemplateDesk({
      'cdk.out/manifest.json': manifest({
        App: stack('App.template.json'),
        Tree: { type: 'cdk:tree', properties: { file: 'tree.json' } },
        Report: { type: 'cdk:report', properties: { Resources: { A: 'AWS::Logs::LogGroup' } } },
      }),
      'cdk.out/App.template.json': JSON.stringify({ Resources: { Logs: group(attribute('Key', 'Arn')), Key: KEY } }),
      'cdk.out/Old.template.json': JSON.stringify({ Resources: { OldLogs: group({ Ref: 'AWS::NoValue' }) } }),
      'cdk.out/Empty.template.json': JSON.stringify({ Parameters: {} }),
    });

    for (const operand of ['cdk.out', 'cdk.out/manifest.json']) {
      const { document, status } = await desk.check(operand);
      expect(status).toBe(0);
      expect(document.findings).toMatchObject([
        { file: 'cdk.out/App.template.json', line: 1, id: 'Logs', key: { id: 'Key' }, status: 'COMPLIANT' },
      ]);
    }
  });

  describe('of several stacks', () => {
    const exported = (value: unknown, name: unknown = 'Keys:Arn') => ({ Value: value, Export: { Name: name } });
    const importer = (name = 'Keys:Arn') => JSON.stringify({ Resources: { Logs: group({ 'Fn::ImportValue': name }) } });
    const keys = (policy: object, output: object) =>
      JSON.stringify({ Resources: { Key: { ...KEY, ...policy } }, Outputs: { Arn: output } });
    const app = async (keysTemplate: string, environment?: string, importing = importer()) => {
      const desk = await aTemplateDesk({
        'manifest.json': manifest({
          App: stack('App.template.json'),
          Keys: stack('Keys.template.json', environment),
        }),
        'App.template.json': importing,
        'Keys.template.json': keysTemplate,
      });
      return (await desk.check('.')).document;
    };

    it.each([
      ['whose policy admits CloudWatch Logs', {}, [], 'ALLOWED'],
      ['without a policy', { Properties: {} }, ['KEY_POLICY_MISSING_ACTIONS'], 'MISSING_ACTIONS'],
    ])('evaluates the key that one imports from another: %s', async (_, policy, codes, verdict) => {
      const { findings } = await app(keys(policy, exported(attribute('Key', 'Arn'))));

      expect(findings).toMatchObject([{ file: 'App.template.json', key: { id: 'Key' }, verdict }]);
      expect(findings[0]?.reasons.map(({ code }) => code)).toEqual(codes);
    });

    it.each([
      ['of another environment', exported(attribute('Key', 'Arn')), 'aws://111122223333/eu-west-1'],
      ['of another name', exported(attribute('Key', 'Arn'), 'Other'), undefined],
    ])('takes an export %s for one that lies outside', async (_, output, environment) => {
      const { findings } = await app(keys({}, output), environment);

      expect(findings).toMatchObject([{ status: 'COMPLIANT', key: { id: null } }]);
      expect(findings[0]?.warnings).toMatchObject([{ code: 'KEY_POLICY_UNREADABLE' }]);
    });

    it('says each mistake of such a stack once', async () => {
      const document = await app('{ "Resources": { "A": 1 } }');

      expect(document.mistakes).toMatchObject([{ file: 'Keys.template.json' }]);
      expect(document.findings).toMatchObject([{ status: 'COMPLIANT' }]);
    });
  });

  it.each([
    [
      'the path of the asset in the metadata',
      {
        Metadata: { 'aws:asset:path': 'Nested.nested.template.json' },
        Properties: { TemplateURL: 'x', Parameters: PARAMETERS },
      },
    ],
    [
      'the object in the bucket of the assets',
      {
        Properties: {
          TemplateURL: { 'Fn::Sub': 'https://s3.${AWS::Region}.${AWS::URLSuffix}/cdk-assets/abc123.json' },
          Parameters: PARAMETERS,
        },
      },
    ],
  ])('has nested stacks, by %s, with the values of their parameters', async (_, resource) => {
    const desk = await aTemplateDesk({
      'cdk.out/manifest.json': manifest({ App: stack('App.template.json') }),
      'cdk.out/App.template.json': parent(resource),
      'cdk.out/App.assets.json': JSON.stringify({
        files: {
          abc123: {
            source: { path: 'Nested.nested.template.json' },
            destinations: { here: { objectKey: 'abc123.json' } },
          },
        },
      }),
      'cdk.out/Nested.nested.template.json': JSON.stringify(NESTED),
    });
    const { document } = await desk.check('cdk.out');

    expect(document.findings).toMatchObject([
      {
        file: 'cdk.out/Nested.nested.template.json',
        id: 'NestedLogs',
        key: { id: 'Key', arn: null },
        status: 'COMPLIANT',
        verdict: 'ALLOWED',
      },
    ]);
    expect(document.warnings).toEqual([]);
  });

  it.each(['cdk.out', 'cdk.out/manifest.json'])(
    'has each template once, where it is named beside %s, too',
    async (app) => {
      const inStage = manifest({ Stage: stack('Stage.template.json', 'aws://111122223333/us-east-1') });
      const desk = await aTemplateDesk({
        'cdk.out/manifest.json': manifest({
          App: stack('App.template.json', 'aws://111122223333/eu-west-1'),
          'assembly-Stage': { type: 'cdk:cloud-assembly', properties: { directoryName: 'assembly-Stage' } },
        }),
        'cdk.out/App.template.json': JSON.stringify({ Resources: { Logs: group({ Ref: 'AWS::Region' }) } }),
        'cdk.out/assembly-Stage/manifest.json': inStage,
        'cdk.out/assembly-Stage/Stage.template.json': JSON.stringify({ Resources: { InStage: group('x') } }),
      });
      const { document } = await desk.check(
        `cdk.out/App.template.json ${app} cdk.out/assembly-Stage/manifest.json cdk.out/assembly-Stage/Stage.template.json`,
      );

      expect(document.findings.map(({ id }) => id)).toEqual(['Logs', 'InStage']);
      expect(document.findings[0]?.reasons[0]?.message).toContain('eu-west-1');
    },
  );

  it('says of a nested stack whose template is not there that it is not seen', async () => {
    const desk = await aTemplateDesk({
      'App.json': parent({ Properties: { TemplateURL: 'https://example.com/x.json' } }),
    });
    const { document, stderr } = await desk.check('App.json');

    expect(document.warnings).toMatchObject([
      { file: 'App.json', line: 1, message: expect.stringContaining('the nested stack Nested is not seen') },
    ]);
    expect(stderr).toContain('warning: App.json:1: the nested stack Nested is not seen');
  });

  it('has the account and the Region of each stack', async () => {
    const { KeyPolicy } = KEY.Properties;
    const named = {
      ...KEY,
      Properties: {
        KeyPolicy: {
          Statement: [{ ...KeyPolicy.Statement[0], Principal: { Service: 'logs.us-east-1.amazonaws.com' } }],
        },
      },
    };
    const template = JSON.stringify({ Resources: { Logs: group(attribute('Key', 'Arn')), Key: named } });
    const desk = await aTemplateDesk({
      'cdk.out/manifest.json': manifest({
        East: stack('East.template.json', 'aws://111122223333/us-east-1'),
        West: stack('West.template.json', 'aws://111122223333/eu-west-1'),
        Any: stack('Any.template.json'),
      }),
      'cdk.out/East.template.json': template,
      'cdk.out/West.template.json': template,
      'cdk.out/Any.template.json': template,
    });
    const { document } = await desk.check('cdk.out');

    expect(document.findings.map(({ file, verdict }) => [file, verdict])).toEqual([
      ['cdk.out/East.template.json', 'ALLOWED'],
      ['cdk.out/West.template.json', 'MISSING_ACTIONS'],
      ['cdk.out/Any.template.json', 'UNCERTAIN'],
    ]);
  });

  it('says where a construct is in the app, and what to write there', async () => {
    const metadata = (path: string) => ({ Metadata: { 'aws:cdk:path': path } });
    const template = {
      Resources: {
        Bare: { Type: 'AWS::Logs::LogGroup', ...metadata('App/Bare/Resource') },
        Refused: { ...group(attribute('BareKey', 'Arn')), ...metadata('App/Refused/Resource') },
        BareKey: { Type: 'AWS::KMS::Key', ...metadata('App/BareKey/Resource') },
        Api: { Type: 'AWS::Lambda::Function', ...metadata('App/Api/Resource') },
      },
    };
    const desk = await aTemplateDesk({ 'App.template.json': JSON.stringify(template) });
    const { document } = await desk.check('App.template.json');
    const lastLine = (id: string) =>
      document.findings
        .find((finding) => finding.id === id)
        ?.reasons[0]?.fix.split('\n')
        .at(-1);

    expect(['Bare', 'Refused', 'Api'].map(lastLine)).toEqual([
      'in the CDK app write for App/Bare: encryptionKey: key in the properties of logs.LogGroup',
      'in the CDK app write for App/BareKey: key.grantEncryptDecrypt(new iam.ServicePrincipal(`logs.${this.region}.${this.urlSuffix}`)) or key.addToResourcePolicy(…)',
      'in the CDK app write beside App/Api: new logs.LogGroup(…) with logGroupName and encryptionKey: key',
    ]);
  });

  it('has the stacks of its stages', async () => {
    const desk = await aTemplateDesk({
      'cdk.out/manifest.json': manifest({
        Prod: { type: 'cdk:cloud-assembly', properties: { directoryName: 'assembly-Prod' } },
      }),
      'cdk.out/assembly-Prod/manifest.json': manifest({ App: stack('App.template.json') }),
      'cdk.out/assembly-Prod/App.template.json': JSON.stringify({
        Resources: { Logs: { Type: 'AWS::Logs::LogGroup' } },
      }),
    });
    const { document } = await desk.check('cdk.out');

    expect(document.findings).toMatchObject([{ file: 'cdk.out/assembly-Prod/App.template.json', id: 'Logs' }]);
  });
});

describe('a nested stack of CloudFormation', () => {
  it('gives the ARN of its key by an output', async () => {
    const desk = await aTemplateDesk({
      'main.yaml': `Resources:
  Keys: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: ./nested/keys.yaml } }
  Logs: { Type: AWS::Logs::LogGroup, Properties: { KmsKeyId: !GetAtt Keys.Outputs.KeyArn } }
`,
      'nested/keys.yaml': `Resources: { Key: { Type: AWS::KMS::Key } }\nOutputs: { KeyArn: { Value: !GetAtt Key.Arn } }\n`,
    });
    const { document } = await desk.check('main.yaml');

    expect(document.findings).toMatchObject([
      { id: 'Logs', key: { id: 'Key' }, reasons: [{ code: 'KEY_POLICY_MISSING_ACTIONS' }] },
    ]);
  });
});
