import { describe, expect, it } from 'vitest';
import { aGroup, checked, KEY, statuses } from './desk.ts';

const COMPLIANT = 'COMPLIANT';
const NOT_AN_ARN = 'NON_COMPLIANT KEY_NOT_AN_ARN';

describe('how a log group names its key', () => {
  it.each([
    ['the ARN of a key', '!GetAtt Key.Arn', COMPLIANT],
    ['the same in full', '{ "Fn::GetAtt": [Key, Arn] }', COMPLIANT],
    ['the same in a text', '!Sub "${Key.Arn}"', COMPLIANT],
    [
      'an ARN made of the id',
      "!Sub 'arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/${Key}'",
      COMPLIANT,
    ],
    [
      'the same by Join',
      "!Join [':', [arn, !Ref AWS::Partition, kms, !Ref AWS::Region, !Ref AWS::AccountId, !Sub 'key/${Key}']]",
      COMPLIANT,
    ],
    ['the ARN of an alias', "!Sub 'arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:${Alias}'", COMPLIANT],
    ['the ARN of an alias by its name', "!Sub 'arn:aws:kms:${AWS::Region}:${AWS::AccountId}:alias/logs'", COMPLIANT],
    ['a key without a policy', '!GetAtt Bare.Arn', 'NON_COMPLIANT KEY_POLICY_MISSING_ACTIONS'],
    ['the id of a key', '!Ref Key', NOT_AN_ARN],
    ['the attribute with the id', '!GetAtt Key.KeyId', NOT_AN_ARN],
    ['an alias', '!Ref Alias', NOT_AN_ARN],
    ['the name of an alias', 'alias/logs', NOT_AN_ARN],
    ['an alias of AWS', 'alias/aws/logs', NOT_AN_ARN],
    ['an id', '1234abcd-12ab-34cd-56ef-1234567890ab', NOT_AN_ARN],
    ['an empty text', "''", NOT_AN_ARN],
    ['an ARN', 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab', COMPLIANT],
    ['an import', '!ImportValue shared-key', COMPLIANT],
    ['an import with the name of the stack', "!ImportValue { 'Fn::Sub': '${AWS::StackName}-key' }", COMPLIANT],
    ['a dynamic reference', "'{{resolve:ssm:/logs/key}}'", COMPLIANT],
    ['a parameter without a default', '!Ref KeyArn', COMPLIANT],
    ['an attribute of something else', '!GetAtt Custom.KeyArn', COMPLIANT],
    ['nothing', '!Ref AWS::NoValue', 'NON_COMPLIANT NO_KEY'],
  ])('%s: %s', async (_, key, expected) => {
    const template = `
Parameters:
  KeyArn: { Type: String }
Resources:
  Alias: { Type: AWS::KMS::Alias, Properties: { AliasName: alias/logs, TargetKeyId: !Ref Key } }
  Bare: { Type: AWS::KMS::Key }
  Custom: { Type: Custom::Key }
${KEY}${aGroup(key)}`;

    expect(await statuses(template)).toEqual({ Logs: expected });
  });

  it('under the alias of another account is none of the template', async () => {
    const template = `
Resources:
  Alias: { Type: AWS::KMS::Alias, Properties: { AliasName: alias/logs, TargetKeyId: !Ref Bare } }
  Bare: { Type: AWS::KMS::Key }
${aGroup('arn:aws:kms:eu-west-1:999999999999:alias/logs')}`;

    expect(await statuses(template, '--account 999999999999 --region eu-west-1')).toEqual({
      Logs: 'NON_COMPLIANT KEY_POLICY_MISSING_ACTIONS',
    });
    expect(await statuses(template, '--account 111122223333')).toEqual({ Logs: COMPLIANT });
  });

  describe.each([
    ['a Region', 'arn:aws:kms:eu-west-1:${AWS::AccountId}:alias/logs', '--region R', '--region eu-west-1'],
    [
      'an account',
      'arn:${AWS::Partition}:kms:${AWS::Region}:111122223333:alias/logs',
      '--account ID',
      '--account 111122223333',
    ],
  ])('under an alias in %s that may be the own one', (_, arn, option, settled) => {
    const under = (key: string) => `
Resources:
  Alias: { Type: AWS::KMS::Alias, Properties: { AliasName: alias/logs, TargetKeyId: !Ref Key } }${key}${aGroup(`!Sub '${arn}'`)}`;

    it('is not known where the key of the template is wrong', async () => {
      const template = under('\n  Key: { Type: AWS::KMS::Key }\n');
      const { document } = await checked(template);

      expect(document.findings).toMatchObject([
        { status: 'UNKNOWN', reasons: [{ code: 'KEY_UNDETERMINED', fix: `to settle it: ${option}` }] },
      ]);
      expect(await statuses(template, settled)).toEqual({ Logs: 'NON_COMPLIANT KEY_POLICY_MISSING_ACTIONS' });
    });

    it('is compliant where that key is right', async () => {
      const { document } = await checked(under(KEY));

      expect(document.findings).toMatchObject([
        { status: 'COMPLIANT', key: null, verdict: null, warnings: [{ code: 'KEY_POLICY_UNREADABLE' }] },
      ]);
    });
  });

  it.each([
    [
      "'arn:aws:kms:eu-west-1:111122223333:key/${Key}'",
      ', where AWS takes an ARN: only Fn::Sub replaces ${…}',
      'KmsKeyId with Fn::Sub (in YAML !Sub) before the text',
    ],
    [
      'Key.Arn',
      'the text Key.Arn, where AWS takes an ARN: without Fn::GetAtt it refers to nothing',
      'KmsKeyId: !GetAtt Key.Arn',
    ],
    [
      "'!GetAtt Key.Arn'",
      'the text !GetAtt Key.Arn, where AWS takes an ARN: in quotes, !GetAtt is a part of the text',
      'KmsKeyId: !GetAtt Key.Arn, without the quotes',
    ],
    ['!GetAtt Key', 'Fn::GetAtt of Key, where AWS takes an ARN: the attribute is missing', 'KmsKeyId: !GetAtt Key.Arn'],
    [
      '!GetAtt Key.ARN',
      'Key.ARN, where AWS takes an ARN: AWS::KMS::Key has no attribute ARN',
      'KmsKeyId: !GetAtt Key.Arn',
    ],
    [
      "!Sub 'arn:aws:kms:${AWS::Region}:${AWS::AccountId}:alias/x'",
      'alias/x, where AWS takes an ARN: its partition is not aws-cn',
      'KmsKeyId with an ARN that begins with arn:aws-cn:',
    ],
  ])('that is the text %s is told what is wrong with it', async (key, what, fix) => {
    const { document } = await checked(`Resources:${KEY}${aGroup(key)}`, '--region cn-north-1');

    expect(document.findings[0]?.reasons).toMatchObject([
      { code: 'KEY_NOT_AN_ARN', message: expect.stringContaining(what), fix: `write in the log group: ${fix}` },
    ]);
  });

  it('that is a short form in JSON is told the long one', async () => {
    const group = { Type: 'AWS::Logs::LogGroup', Properties: { KmsKeyId: '!GetAtt Key.Arn' } };
    const { document } = await checked(JSON.stringify({ Resources: { Logs: group } }), '', 't.json');

    expect(document.findings[0]?.reasons).toMatchObject([
      {
        message: expect.stringContaining('the text !GetAtt Key.Arn, where AWS takes an ARN: JSON has no !GetAtt'),
        fix: 'write in the log group: KmsKeyId with Fn::GetAtt',
      },
    ]);
  });

  it('by the id of a key of the template is in the Region that the ARN names', async () => {
    const template = `Resources:${KEY}${aGroup("!Sub 'arn:aws:kms:eu-west-1:${AWS::AccountId}:key/${Key}'")}`;

    expect(await statuses(template, '--region us-east-1')).toEqual({ Logs: 'NON_COMPLIANT KEY_WRONG_REGION' });
    expect(await statuses(template)).toEqual({ Logs: COMPLIANT });
  });

  it.each(['aws', '${AWS::Partition}'])('that is certainly in another Region is refused (%s)', async (partition) => {
    const template = `Resources:${aGroup(`!Sub 'arn:${partition}:kms:eu-west-1:\${AWS::AccountId}:alias/logs'`)}`;

    expect(await statuses(template, '--region us-east-1')).toEqual({ Logs: 'NON_COMPLIANT KEY_WRONG_REGION' });
    expect(await statuses(template, '--region eu-west-1')).toEqual({ Logs: COMPLIANT });
  });

  it('which lies outside the template is told, with the warning that its policy is not known', async () => {
    const { document } = await checked(`Resources:${aGroup('!ImportValue shared-key')}`);

    expect(document.findings).toMatchObject([
      {
        ...{ file: 't.yaml', line: 2, id: 'Logs', type: 'log-group', name: '/app/Logs', key: { id: null, arn: null } },
        ...{ status: 'COMPLIANT', severity: null, reasons: [], verdict: null, exemption: null },
        warnings: [
          {
            code: 'KEY_POLICY_UNREADABLE',
            severity: 'LOW',
            message: expect.stringContaining('Fn::ImportValue shared-key'),
          },
        ],
      },
    ]);
  });

  it('by its id has the attribute to write, in the language of the file', async () => {
    const { document } = await checked(`Resources:${KEY}${aGroup('!Ref Key')}`);
    const json =
      '{"Resources":{"Key":{"Type":"AWS::KMS::Key"},"Logs":{"Type":"AWS::Logs::LogGroup","Properties":{"KmsKeyId":{"Ref":"Key"}}}}}';
    const inJson = await checked(json, '', 't.json');

    expect(document.findings[0]).toMatchObject({ key: { id: 'Key', arn: null }, severity: 'HIGH' });
    expect(document.findings[0]?.reasons[0]?.fix).toBe('write in the log group: KmsKeyId: !GetAtt Key.Arn');
    expect(inJson.document.findings[0]?.reasons[0]?.fix).toBe(
      'write in the log group: "KmsKeyId": { "Fn::GetAtt": ["Key", "Arn"] }',
    );
  });
});

it('a key without properties gets its policy below Properties, and is right when it is pasted', async () => {
  const key = 'Resources:\n  Key:\n    Type: AWS::KMS::Key\n';
  const { document } = await checked(`${key}${aGroup('!GetAtt Key.Arn')}`);
  const [, ...lines] = document.findings[0]?.reasons[0]?.fix.split('\n') ?? [];

  expect(lines.slice(0, 2)).toEqual(['Properties:', '  KeyPolicy:']);
  expect(await statuses(`${key}${lines.map((line) => `    ${line}\n`).join('')}${aGroup('!GetAtt Key.Arn')}`)).toEqual({
    Logs: COMPLIANT,
  });
});

describe('what to add to a log group', () => {
  const bare = '  Logs:\n    Type: AWS::Logs::LogGroup\n';

  it('has Properties where the log group has none, and makes it compliant when it is pasted', async () => {
    const { document } = await checked(`Resources:${KEY}${bare}`);
    const fix = document.findings[0]?.reasons[0]?.fix ?? '';
    const [, ...lines] = fix.split('\n');

    expect(fix).toBe('write in the log group:\nProperties:\n  KmsKeyId: !GetAtt Key.Arn');
    expect(await statuses(`Resources:${KEY}${bare}${lines.map((line) => `    ${line}\n`).join('')}`)).toEqual({
      Logs: COMPLIANT,
    });
  });

  it.each([
    ['', 'LogsKey'],
    ['  LogsKey: { Type: AWS::KMS::Key }\n', 'LogsKey2'],
  ])('names a key that has to be declared first where none works: %#', async (key, expected) => {
    const { document } = await checked(`Resources:\n${key}${aGroup('!Ref AWS::NoValue')}`);

    expect(document.findings[0]?.reasons[0]?.fix).toMatch(
      new RegExp(`^declare a key .*#the-key-policy.*, and write in the log group: KmsKeyId: !GetAtt ${expected}.Arn$`),
    );
  });
});

describe('a replica key', () => {
  it('is a key with a policy of its own', async () => {
    const template = `Resources:
  Replica: { Type: AWS::KMS::ReplicaKey, Properties: { PrimaryKeyArn: !Ref AWS::NoValue } }
${aGroup('!GetAtt Replica.Arn')}`;

    expect(await statuses(template)).toEqual({ Logs: 'NON_COMPLIANT KEY_POLICY_MISSING_ACTIONS' });
  });
});

describe('a key', () => {
  it.each([
    ['Enabled: false', 'KEY_DISABLED', 'Enabled: true'],
    ['Enabled: no', 'KEY_DISABLED', 'Enabled: true'],
    ['KeySpec: RSA_4096', 'KEY_NOT_SYMMETRIC', 'KeySpec: SYMMETRIC_DEFAULT, which makes a new key'],
    [
      'KeyUsage: SIGN_VERIFY',
      'KEY_WRONG_USAGE',
      'KeySpec: SYMMETRIC_DEFAULT and KeyUsage: ENCRYPT_DECRYPT, which makes a new key',
    ],
  ])('with %s encrypts no logs', async (property, code, right) => {
    const template = `Resources:${KEY.replace('KeyPolicy:', `${property}\n      KeyPolicy:`)}${aGroup('!GetAtt Key.Arn')}`;

    const { document } = await checked(template);

    expect(document.findings).toMatchObject([{ reasons: [{ code, fix: `write in Key: ${right}` }] }]);
  });

  it('whose policy lacks the statement gets it in YAML, for whichever Region it is deployed in', async () => {
    const root =
      "Version: 2012-10-17, Statement: [{ Effect: Allow, Principal: { AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root' }, Action: 'kms:*', Resource: '*' }]";
    const { document } = await checked(`Resources:
  Key: { Type: AWS::KMS::Key, Properties: { KeyPolicy: { ${root} } } }
${aGroup('!GetAtt Key.Arn')}`);
    const [finding] = document.findings;

    expect(finding).toMatchObject({
      verdict: 'MISSING_ACTIONS',
      reasons: [{ code: 'KEY_POLICY_MISSING_ACTIONS', severity: 'HIGH' }],
    });
    expect(finding?.reasons[0]?.fix).toBe(`add this statement to the key policy of Key:
- Sid: CloudWatchLogs
  Effect: Allow
  Principal:
    Service: !Sub logs.\${AWS::Region}.amazonaws.com
  Action:
    - kms:Encrypt
    - kms:Decrypt
    - "kms:ReEncrypt*"
    - "kms:GenerateDataKey*"
  Resource: "*"
  Condition:
    ArnLike:
      kms:EncryptionContext:aws:logs:arn: !Sub "arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:*"`);
  });

  it.each([
    [
      `{"Statement":[{"Effect":"Allow","Principal":{"Service":"logs.\${AWS::Region}.amazonaws.com"},"Action":"kms:*","Resource":"*"}]}`,
      'COMPLIANT',
    ],
    ['{ ${AWS::Region}', 'NON_COMPLIANT MALFORMED_POLICY'],
    ['${Custom.Policy}', 'UNKNOWN KEY_POLICY_UNCERTAIN'],
  ])('whose policy is the text %s', async (policy, expected) => {
    const template = `Resources:
  Custom: { Type: Custom::Policy }
  Key: { Type: AWS::KMS::Key, Properties: { KeyPolicy: !Sub '${policy}' } }
${aGroup('!GetAtt Key.Arn')}`;

    expect(await statuses(template)).toEqual({ Logs: expected });
  });

  it('without a policy gets a whole one that makes it right when it is pasted', async () => {
    const before = await checked(`Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      Description: x
${aGroup('!GetAtt Key.Arn')}`);
    const [, ...lines] = before.document.findings[0]?.reasons[0]?.fix.split('\n') ?? [];
    const pasted = `Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      Description: x
${lines.map((line) => `      ${line}`).join('\n')}
${aGroup('!GetAtt Key.Arn')}`;

    expect(before.document.findings[0]).toMatchObject({ status: 'NON_COMPLIANT' });
    expect(await statuses(pasted)).toEqual({ Logs: 'COMPLIANT' });
  });
});

describe('intrinsics', () => {
  it.each([
    ["!Select [1, !Split [',', 'a,/app/x']]", '/app/x'],
    ['!Select [0, [/app/x]]', '/app/x'],
    ['!FindInMap [Names, prod, Logs]', '/app/x'],
    ['!FindInMap [Names, !Ref Stage, Logs]', '/app/x'],
    ["!Sub ['/app/${Name}', { Name: !Ref Short }]", '/app/x'],
    ["!Join ['', [/app/, x]]", '/app/x'],
    ["!Sub '/app/${!Literal}'", '/app/${Literal}'],
    ['!If [IsProd, /app/x, /app/y]', '/app/x'],
    ['!If [IsOther, /app/y, /app/x]', '/app/x'],
    ['!If [IsBoth, /app/x, /app/y]', '/app/x'],
    ["!Sub '/app/${AWS::Region}'", '/app/eu-west-1'],
    ["!Sub '/app/${AWS::AccountId}/${AWS::Partition}'", '/app/111122223333/aws'],
    ['!Ref Named', '/named'],
    ['!GetAtt Other.Name', null],
    ["!Sub '/app/${AWS::StackName}'", null],
    ["!Sub '/app/${Needed}'", null],
    ["!Select [0, !Split ['-', !Ref Needed]]", null],
    // CloudFormation refuses any other key than the only one.
    ['!FindInMap [Names, !Ref Needed, Logs]', '/app/x'],
    ['!Base64 x', 'eA=='],
    ["!GetAZs ''", null],
  ])('%s is %s', async (name, expected) => {
    const { document } = await checked(
      `
Parameters:
  Stage: { Type: String, Default: prod }
  Short: { Type: String, Default: x }
  Needed: { Type: String }
Mappings: { Names: { prod: { Logs: /app/x } } }
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsOther: !Not [!Condition IsProd]
  IsBoth: !And [!Condition IsProd, !Or [!Equals [a, b], !Equals [!Ref Short, x]]]
Resources:
  Named: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: /named } }
  Other: { Type: Custom::Name }
  Logs: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: ${name} } }
`,
      '--region eu-west-1 --account 111122223333',
    );

    expect(document.findings.find(({ id }) => id === 'Logs')?.name).toBe(expected);
  });

  it.each([
    ['--parameter Needed=x', '/app/x'],
    ['--parameter Needed=', '/app/'],
  ])('a parameter without a default is what %s says', async (option, name) => {
    const template = `
Parameters: { Needed: { Type: String } }
Resources: { Logs: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: !Sub '/app/\${Needed}' } } }`;

    expect((await checked(template, option)).document.findings[0]?.name).toBe(name);
  });

  it('the default of a parameter that is kept in the Parameter Store is not its value', async () => {
    const template = `
Parameters: { Name: { Type: 'AWS::SSM::Parameter::Value<String>', Default: /names/logs } }
Resources: { Logs: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: !Ref Name } } }`;

    expect((await checked(template)).document.findings[0]?.name).toBeNull();
  });

  it('Fn::ForEach adds a resource for each item', async () => {
    const template = `
Transform: AWS::LanguageExtensions
Parameters: { Apps: { Type: CommaDelimitedList, Default: 'api,web' } }
Resources:
  Fn::ForEach::Logs:
    - App
    - !Ref Apps
    - \${App}Logs:
        Type: AWS::Logs::LogGroup
        Properties: { LogGroupName: !Sub '/app/\${App}' }`;
    const { document } = await checked(template);

    expect(document.findings.map(({ id, name }) => [id, name])).toEqual([
      ['apiLogs', '/app/api'],
      ['webLogs', '/app/web'],
    ]);
    expect(document.warnings).toEqual([]);
  });
});

it('a key whose material is imported later cannot encrypt logs when it is created', async () => {
  const key = KEY.replace('Properties:', 'Properties:\n      Origin: EXTERNAL');

  expect(await statuses(`Resources:${key}${aGroup('!GetAtt Key.Arn')}`)).toEqual({
    Logs: 'NON_COMPLIANT KEY_PENDING_IMPORT',
  });
});
