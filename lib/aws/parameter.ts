import { CloudError } from '../errors.ts';
import { createCalls } from './calls.ts';
import { type AwsOptions, clientSettings } from './clients.ts';

const GET = 'ssm:GetParameter';

/**
 * The value of a parameter of Systems Manager, decrypted where it is a SecureString. Loads its SDK client.
 * @throws CloudError
 */
export async function readParameter(region: string, name: string, options: AwsOptions): Promise<Uint8Array> {
  const { GetParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm');
  const client = new SSMClient(clientSettings(region, options));
  const command = new GetParameterCommand({ Name: name, WithDecryption: true });
  try {
    const { Parameter } = await createCalls().make(GET, () => client.send(command));
    if (Parameter?.Value === undefined) throw new CloudError('UNAVAILABLE', GET, `SSM returned no value of ${name}`);
    return Buffer.from(Parameter.Value);
  } finally {
    client.destroy();
  }
}
