import { account } from './account.ts';
import { cloudwatch } from './cloudwatch.ts';
import { dynamodb } from './dynamodb.ts';
import { events } from './events.ts';
import { iam } from './iam.ts';
import { kms } from './kms.ts';
import { lambda } from './lambda.ts';
import { logs } from './logs.ts';
import { sqs } from './sqs.ts';
import { ssm } from './ssm.ts';
import { sts } from './sts.ts';
import { tagging } from './tagging.ts';

/** Every service that the sandbox speaks. */
export const SERVICES = [logs, kms, events, sqs, sts, iam, dynamodb, cloudwatch, lambda, tagging, ssm, account];
/** Every call by its IAM name. */
export const CALLS = SERVICES.flatMap(({ name, operations }) => Object.keys(operations).map((key) => `${name}:${key}`));
