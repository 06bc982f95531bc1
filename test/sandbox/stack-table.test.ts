import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { aSandbox, changedFixture } from './support.ts';

it('a table in a template is created, and has a name and an ARN to refer to', async () => {
  const table = `
  Journal:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    Properties:
      AttributeDefinitions: [{ AttributeName: run, AttributeType: S }, { AttributeName: at, AttributeType: S }]
      KeySchema: [{ AttributeName: run, KeyType: HASH }, { AttributeName: at, KeyType: RANGE }]
      GlobalSecondaryIndexes:
        - { IndexName: ByTime, KeySchema: [{ AttributeName: at, KeyType: HASH }], Projection: { ProjectionType: ALL } }
      BillingMode: PAY_PER_REQUEST
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true }
      DeletionProtectionEnabled: true
Outputs:`;
  const template = changedFixture({
    '\nOutputs:': table,
    '{ Variables: { NAME:': '{ Variables: { TABLE: !Ref Journal, TABLE_ARN: !GetAtt Journal.Arn, NAME:',
  });
  const { sandbox, dynamodb } = await aSandbox({ stack: { template, run: false } });
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: 'logseal-Journal' }));
  expect(Table?.GlobalSecondaryIndexes?.[0]?.IndexName).toBe('ByTime');
  expect(Table?.DeletionProtectionEnabled).toBe(true);
  expect(sandbox.stack?.environment('Work')).toMatchObject({ TABLE: 'logseal-Journal', TABLE_ARN: Table?.TableArn });
});
