import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { LambdaFunction } from '../app/ports.ts';
import { CloudError } from '../errors.ts';
import type { Calls } from './calls.ts';
import { type AwsOptions, clientSettings } from './clients.ts';

const GET = 'lambda:GetFunctionConfiguration';

type Lambda = typeof import('@aws-sdk/client-lambda') & { readonly client: LambdaClient };

/** Reads functions of AWS Lambda by their names. Loads the Lambda client on first use. */
export function createLambdaFunctions(
  region: string,
  options: AwsOptions,
  calls: Calls,
): (name: string) => Promise<LambdaFunction> {
  let loaded: Promise<Lambda> | undefined;
  return async (name) => {
    loaded ??= loadLambda(region, options);
    const { client, GetFunctionConfigurationCommand } = await loaded;
    const command = new GetFunctionConfigurationCommand({ FunctionName: name });
    const { FunctionArn, Role, LoggingConfig } = await calls.make(GET, () => client.send(command));
    if (!FunctionArn || !Role) throw new CloudError('UNAVAILABLE', GET, `Lambda returned no ARN or no role of ${name}`);
    return { arn: FunctionArn, roleArn: Role, logGroup: LoggingConfig?.LogGroup ?? `/aws/lambda/${name}` };
  };
}

async function loadLambda(region: string, options: AwsOptions): Promise<Lambda> {
  const lambda = await import('@aws-sdk/client-lambda');
  return { ...lambda, client: new lambda.LambdaClient(clientSettings(region, options)) };
}
