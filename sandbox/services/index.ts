import { cloudwatch } from './cloudwatch.ts';
import { dynamodb } from './dynamodb.ts';
import { events } from './events.ts';
import { iam } from './iam.ts';
import { kms } from './kms.ts';
import { logs } from './logs.ts';
import { sqs } from './sqs.ts';
import { sts } from './sts.ts';

/** Every service that the sandbox speaks. */
export const SERVICES = [logs, kms, events, sqs, sts, iam, dynamodb, cloudwatch];
/** Every call by its IAM name. */
export const CALLS = SERVICES.flatMap(({ name, operations }) => Object.keys(operations).map((key) => `${name}:${key}`));
