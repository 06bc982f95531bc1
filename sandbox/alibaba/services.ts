import { kms } from './kms.ts';
import { ram } from './ram.ts';
import type { AlibabaOperations } from './service.ts';
import { sls } from './sls.ts';

/** Operations by the prefix of their calls. AWS uses none of these prefixes. */
export const ALIBABA_SERVICES: Readonly<Record<string, AlibabaOperations>> = { log: sls, 'acs-kms': kms, ram };
/** Every call, for instance `log:ListProject` and `acs-kms:DescribeKey`. */
export const ALIBABA_CALLS = Object.entries(ALIBABA_SERVICES).flatMap(([service, operations]) =>
  Object.keys(operations).map((operation) => `${service}:${operation}`),
);
