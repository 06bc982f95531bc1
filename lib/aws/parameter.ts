import { CloudError } from '../errors.ts';
import { createCalls } from './calls.ts';
import { type AwsOptions, clientSettings } from './clients.ts';

const GET = 'ssm:GetParameter';

/**
 * The value of a parameter of Systems Manager, decrypted where it is a SecureString. Loads its SDK client.
 * @throws CloudError; NOT_FOUND says in which Region there is none
 */
export async function readParameter(region: string, name: string, options: AwsOptions): Promise<Uint8Array> {
  const { GetParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm');
  const client = new SSMClient(clientSettings(region, options));
  const command = new GetParameterCommand({ Name: name, WithDecryption: true });
  try {
    const { Parameter } = await createCalls().make(GET, () => client.send(command));
    if (Parameter?.Value === undefined) throw new CloudError('UNAVAILABLE', GET, `SSM returned no value of ${name}`);
    return Buffer.from(Parameter.Value);
  } catch (error) {
    // SSM's own message is empty.
    if (!(error instanceof CloudError) || error.code !== 'NOT_FOUND') throw error;
    const fix = `correct the name of the configuration, or create the parameter in ${region}`;
    throw new CloudError('NOT_FOUND', GET, `this account has no parameter ${name} in ${region}`, { cause: error, fix });
  } finally {
    client.destroy();
  }
}
