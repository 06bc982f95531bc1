import { kms } from './kms.ts';
import { logs } from './logs.ts';
import { sts } from './sts.ts';

/** Every service that the sandbox speaks. */
export const SERVICES = [logs, kms, sts];
/** Every call by its IAM name. */
export const CALLS = SERVICES.flatMap(({ name, operations }) => Object.keys(operations).map((key) => `${name}:${key}`));
