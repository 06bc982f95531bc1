import { STSClient } from '@aws-sdk/client-sts';
import { UsageError } from '../errors.ts';

/**
 * The Region that the SDK takes by itself: `AWS_REGION`, the profile's, or the one of the machine in EC2.
 * @throws UsageError when there is none
 */
export async function defaultRegion(profile?: string): Promise<string> {
  const { config } = new STSClient(profile === undefined ? {} : { profile });
  try {
    return await config.region();
  } catch (error) {
    // One that is set to nothing is none.
    const isThere = error instanceof Error && /region="[^"]/.test(error.message);
    const what = isThere ? `no Region that can be used (${error.message})` : 'no Region';
    const where = profile === undefined ? 'the profile' : `profile ${profile}`;
    throw new UsageError([`${what}: give --region, or set AWS_REGION or the region of ${where}`]);
  }
}
