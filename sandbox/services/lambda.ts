import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import * as v from 'valibot';
import { formatArn } from '../../lib/domain/arn.ts';
import { strict } from '../parse.ts';
import { ServiceError } from '../service-error.ts';
import { restJson } from '../wire.ts';
import { readInput } from './read-input.ts';
import type { Call, Service } from './service.ts';

const requestSchema = strict({ FunctionName: v.string() });

function getFunctionConfiguration(call: Call, input: unknown): FunctionConfiguration {
  const { FunctionName: given } = readInput(requestSchema, input, 'InvalidParameterValueException');
  const FunctionArn = arnOf(call, given);
  const FunctionName = FunctionArn.split(':').at(-1) ?? '';
  const known = arnOf(call, FunctionName) === FunctionArn ? call.state.functions.get(FunctionName) : undefined;
  if (!known) throw new ServiceError('ResourceNotFoundException', `Function not found: ${FunctionArn}`, 404);
  const LoggingConfig = { LogFormat: 'Text', LogGroup: known.logGroup } as const;
  return { FunctionName, FunctionArn, Role: known.role.arn, Version: '$LATEST', PackageType: 'Zip', LoggingConfig };
}

/** @param name a function's name or its ARN */
function arnOf({ partition, region, account }: Call, name: string): string {
  if (name.startsWith('arn:')) return name;
  return formatArn({ partition, service: 'lambda', region, account, resource: `function:${name}` });
}

/** AWS Lambda: what a world's functions are configured to do. */
export const lambda: Service = {
  name: 'lambda',
  endpoint: 'lambda',
  wire: restJson,
  operations: { GetFunctionConfiguration: getFunctionConfiguration },
  unavailable: 'ServiceException',
  throttled: 'TooManyRequestsException',
  resourceArns: (call, { FunctionName }) => [arnOf(call, String(FunctionName))],
};
