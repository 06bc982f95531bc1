import { STSClient } from '@aws-sdk/client-sts';
import { UsageError } from '../errors.ts';

/**
 * The Region that the SDK would use: that of `AWS_REGION`, of the profile, or of the EC2 instance.
 * @param profile undefined: the SDK's default profile
 * @throws UsageError if there is none
 */
export async function defaultRegion(profile?: string): Promise<string> {
  const { config } = new STSClient(profile === undefined ? {} : { profile });
  try {
    return await config.region();
  } catch (error) {
    // The SDK refuses a Region of the wrong form. An empty one counts as none.
    const isMalformed = error instanceof Error && /region="[^"]/.test(error.message);
    const what = isMalformed ? `no Region that can be used (${error.message})` : 'no Region';
    const where = profile === undefined ? 'the profile' : `profile ${profile}`;
    throw new UsageError([`${what}: give --region, or set AWS_REGION or the region of ${where}`]);
  }
}
