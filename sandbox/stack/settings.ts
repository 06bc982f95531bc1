import * as v from 'valibot';
import { strict } from '../parse.ts';

/** The properties of template.yaml's resources that the sandbox knows. Any other property is a mistake. */

/** The value of a parameter is a text. */
const whole = v.pipe(v.union([v.number(), v.string()]), v.transform(Number), v.integer(), v.minValue(0));
const document = v.record(v.string(), v.unknown());
const text = v.optional(v.string());
const withArn = v.optional(strict({ Arn: v.string() }));

export const ruleSchema = strict({
  ...{ Name: text, Description: text, ScheduleExpression: text },
  EventBusName: v.optional(v.string(), 'default'),
  EventPattern: v.optional(document),
  Targets: v.array(
    strict({
      ...{ Id: v.string(), Arn: v.string(), DeadLetterConfig: withArn },
      SqsParameters: v.optional(strict({ MessageGroupId: v.string() })),
    }),
  ),
});
export const busSchema = strict({ Name: v.string(), Policy: v.optional(document) });
export const queueSchema = strict({
  QueueName: text,
  SqsManagedSseEnabled: v.optional(v.boolean()),
  VisibilityTimeout: v.optional(whole, 30),
  MessageRetentionPeriod: v.optional(whole),
  RedrivePolicy: v.optional(strict({ deadLetterTargetArn: v.string(), maxReceiveCount: whole })),
});
export const queuePolicySchema = strict({ Queues: v.array(v.string()), PolicyDocument: document });
export const roleSchema = strict({
  RoleName: text,
  PermissionsBoundary: text, // ignored, since the policy is not in the template
  AssumeRolePolicyDocument: document,
  Policies: v.array(strict({ PolicyName: v.string(), PolicyDocument: document })),
});
export const rolePolicySchema = strict({
  PolicyName: v.string(),
  Roles: v.array(v.string()),
  PolicyDocument: document,
});
const keySchemaOf = v.array(strict({ AttributeName: v.string(), KeyType: v.picklist(['HASH', 'RANGE']) }));
export const tableSchema = strict({
  TableName: text,
  AttributeDefinitions: v.array(strict({ AttributeName: v.string(), AttributeType: v.picklist(['S', 'N', 'B']) })),
  KeySchema: keySchemaOf,
  GlobalSecondaryIndexes: v.optional(
    v.array(
      strict({
        IndexName: v.string(),
        KeySchema: keySchemaOf,
        Projection: strict({
          ProjectionType: v.picklist(['ALL', 'KEYS_ONLY', 'INCLUDE']),
          NonKeyAttributes: v.optional(v.array(v.string()), []),
        }),
      }),
    ),
    [],
  ),
  BillingMode: v.literal('PAY_PER_REQUEST'),
  PointInTimeRecoverySpecification: v.optional(strict({ PointInTimeRecoveryEnabled: v.boolean() })),
  DeletionProtectionEnabled: v.optional(v.boolean(), false),
});
export const logGroupSchema = strict({
  LogGroupName: text,
  RetentionInDays: v.optional(v.union([whole, v.string()])),
  KmsKeyId: text,
});
export const keySchema = v.looseObject({ Description: v.optional(v.string(), ''), KeyPolicy: document });
export const aliasSchema = strict({ AliasName: v.string(), TargetKeyId: v.string() });

const queueEvent = strict({
  Type: v.literal('SQS', 'expected SQS, the only source that the sandbox knows'),
  Properties: strict({
    Queue: v.string(),
    BatchSize: v.optional(whole, 10),
    MaximumBatchingWindowInSeconds: v.optional(whole, 0),
    FunctionResponseTypes: v.optional(v.array(v.literal('ReportBatchItemFailures')), []),
    ScalingConfig: v.optional(strict({ MaximumConcurrency: whole }), { MaximumConcurrency: 10 }),
  }),
});
const onFailure = strict({ Type: v.literal('SQS'), Destination: v.string() });
export const functionSchema = v.looseObject({
  CodeUri: v.string(),
  Handler: v.pipe(v.string(), v.regex(/^[^.]+\.\w+$/, 'expected FILE.EXPORT')),
  MemorySize: v.optional(whole, 128),
  Timeout: v.optional(whole, 3),
  Role: v.string(),
  Tracing: text,
  LoggingConfig: v.optional(strict({ LogGroup: v.string(), LogFormat: v.optional(v.string(), 'Text') })),
  Environment: strict({ Variables: v.record(v.string(), v.pipe(v.unknown(), v.transform(String))) }),
  Events: v.optional(v.record(v.string(), queueEvent), {}),
  EventInvokeConfig: v.optional(
    strict({
      MaximumRetryAttempts: v.optional(whole, 2),
      DestinationConfig: v.optional(strict({ OnFailure: onFailure })),
    }),
    {},
  ),
});
export const metadataSchema = v.object({ BuildProperties: v.object({ EntryPoints: v.tuple([v.string()]) }) });
