import { type Json, LOGS } from './builders.ts';

/** Key policies that AWS documents, with the account 111122223333 and the Region of the question. KMS accepts each of them. */
export const DOCUMENTED: readonly {
  readonly source: string;
  readonly partition?: string;
  readonly region?: string;
  readonly statements: readonly Json[];
}[] = [
  {
    source: 'CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS KMS", step 2',
    statements: [
      root('arn:aws:iam::111122223333:root'),
      {
        Effect: 'Allow',
        Principal: { Service: LOGS },
        Action: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
        Resource: '*',
        Condition: {
          ArnEquals: {
            'kms:EncryptionContext:aws:logs:arn': 'arn:aws:logs:us-east-1:111122223333:log-group:log-group-name',
          },
        },
      },
    ],
  },
  {
    source: 'CloudWatch Logs User Guide, "Encrypt query results with AWS Key Management Service"',
    statements: [
      root('arn:aws:iam::111122223333:root'),
      {
        Effect: 'Allow',
        Principal: { Service: LOGS },
        Action: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
        Resource: '*',
        Condition: {
          ArnEquals: { 'aws:SourceArn': 'arn:aws:logs:us-east-1:111122223333:query-result:*' },
          StringEquals: { 'aws:SourceAccount': '111122223333' },
        },
      },
    ],
  },
  {
    source: 'AWS KMS Developer Guide, "Default key policy", with the statements of the console',
    statements: [
      root('arn:aws:iam::111122223333:root'),
      {
        Sid: 'Allow access for Key Administrators',
        Effect: 'Allow',
        Principal: {
          AWS: ['arn:aws:iam::111122223333:user/KMSAdminUser', 'arn:aws:iam::111122223333:role/KMSAdminRole'],
        },
        Action: ['kms:Create*', 'kms:Describe*', 'kms:Enable*', 'kms:List*', 'kms:Put*', 'kms:ScheduleKeyDeletion'],
        Resource: '*',
      },
      {
        Sid: 'Allow use of the key',
        Effect: 'Allow',
        Principal: { AWS: ['arn:aws:iam::111122223333:role/ExampleRole', 'arn:aws:iam::444455556666:root'] },
        Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
        Resource: '*',
      },
      {
        Sid: 'Allow attachment of persistent resources',
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111122223333:role/ExampleRole' },
        Action: ['kms:CreateGrant', 'kms:ListGrants', 'kms:RevokeGrant'],
        Resource: '*',
        Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
      },
    ],
  },
  {
    source: 'AWS KMS Developer Guide, "Default key policy": without the account, only the administrators it names',
    statements: [
      {
        Sid: 'Allow access for Key Administrators',
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111122223333:role/KMSAdminRole' },
        Action: ['kms:Create*', 'kms:Put*', 'kms:Get*', 'kms:Delete*'],
        Resource: '*',
      },
    ],
  },
  {
    source: 'AWS KMS Developer Guide, "Use VPC endpoints to control access to AWS KMS resources"',
    statements: [
      root('111122223333'),
      {
        Sid: 'Restrict usage to my VPC endpoint',
        Effect: 'Deny',
        Principal: '*',
        Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey*', 'kms:PutKeyPolicy'],
        Resource: '*',
        Condition: { StringNotEquals: { 'aws:sourceVpce': 'vpce-1234abcdf5678c90a' } },
      },
    ],
  },
  {
    source: 'AWS KMS Developer Guide, "AWS global condition keys": with MFA, from the organization',
    statements: [
      root('arn:aws:iam::111122223333:root', {
        Bool: { 'aws:MultiFactorAuthPresent': 'true' },
        NumericLessThan: { 'aws:MultiFactorAuthAge': '300' },
        StringEquals: { 'aws:PrincipalOrgID': 'o-xxxxxxxxxxx' },
      }),
    ],
  },
  {
    source: 'AWS CloudTrail User Guide, "Configure AWS KMS key policies for CloudTrail"',
    statements: [
      {
        Sid: 'Enable IAM user permissions',
        Effect: 'Allow',
        Principal: { AWS: ['arn:aws:iam::111122223333:root', 'arn:aws:iam::111122223333:user/username'] },
        Action: 'kms:*',
        Resource: '*',
      },
      {
        Sid: 'Allow CloudTrail to encrypt logs',
        Effect: 'Allow',
        Principal: { Service: 'cloudtrail.amazonaws.com' },
        Action: 'kms:GenerateDataKey*',
        Resource: '*',
        Condition: {
          StringEquals: { 'aws:SourceArn': 'arn:aws:cloudtrail:us-east-1:111122223333:trail/trail-name' },
          StringLike: { 'kms:EncryptionContext:aws:cloudtrail:arn': 'arn:aws:cloudtrail:*:111122223333:trail/*' },
        },
      },
      {
        Sid: 'Allow principals in the account to decrypt log files',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: ['kms:Decrypt', 'kms:ReEncryptFrom'],
        Resource: '*',
        Condition: { StringEquals: { 'kms:CallerAccount': '111122223333' } },
      },
    ],
  },
  {
    source: 'Amazon EC2 Auto Scaling User Guide, "Required AWS KMS key policy for use with encrypted volumes"',
    statements: [
      root('arn:aws:iam::111122223333:root'),
      {
        Sid: 'Allow service-linked role use of the customer managed key',
        Effect: 'Allow',
        Principal: {
          AWS: [
            'arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling',
          ],
        },
        Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
        Resource: '*',
      },
    ],
  },
  {
    source: 'CloudWatch Logs User Guide, "Enable logging from AWS services": bucket with SSE-KMS',
    statements: [
      root('arn:aws:iam::111122223333:root'),
      {
        Sid: 'Allow Logs Delivery to use the key',
        Effect: 'Allow',
        Principal: { Service: ['delivery.logs.amazonaws.com'] },
        Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
        Resource: '*',
        Condition: {
          StringEquals: { 'aws:SourceAccount': ['111122223333'] },
          ArnLike: { 'aws:SourceArn': ['arn:aws:logs:us-east-1:111122223333:*'] },
        },
      },
    ],
  },
  {
    source: 'AWS in China, "Encrypt log data in CloudWatch Logs using AWS KMS"',
    partition: 'aws-cn',
    region: 'cn-north-1',
    statements: [
      root('arn:aws-cn:iam::111122223333:root'),
      {
        Effect: 'Allow',
        Principal: { Service: 'logs.cn-north-1.amazonaws.com.cn' },
        Action: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
        Resource: '*',
      },
    ],
  },
  {
    source: 'AWS GovCloud (US), "Encrypt log data in CloudWatch Logs using AWS KMS"',
    partition: 'aws-us-gov',
    region: 'us-gov-west-1',
    statements: [
      root('arn:aws-us-gov:iam::111122223333:root'),
      {
        Effect: 'Allow',
        Principal: { Service: 'logs.us-gov-west-1.amazonaws.com' },
        Action: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
        Resource: '*',
      },
    ],
  },
];

function root(principal: string, condition?: Json): Json {
  return {
    Sid: 'Enable IAM User Permissions',
    Effect: 'Allow',
    Principal: { AWS: principal },
    Action: 'kms:*',
    Resource: '*',
    ...(condition && { Condition: condition }),
  };
}
