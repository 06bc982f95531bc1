import { isOptInRegion } from '../domain/partition.ts';
import { CloudError } from '../errors.ts';
import type { Cloud } from './ports.ts';

/**
 * Finds out whether a call failed because the account has not enabled the Region: there AWS takes credentials that are valid
 * everywhere else for invalid.
 * @returns REGION_DISABLED, or the failure as it is
 */
export async function whyFailed(failure: CloudError, region: string, cloud: Cloud): Promise<CloudError> {
  if (failure.code !== 'CREDENTIALS' || !cloud.regions || !isOptInRegion(region)) return failure;
  try {
    const known = (await cloud.regions()).find(({ name }) => name === region);
    if (known?.isEnabled !== false) return failure;
  } catch (error) {
    if (error instanceof CloudError) return failure;
    throw error;
  }
  const message = `${region} is not enabled in this account (${failure.message})`;
  return new CloudError('REGION_DISABLED', failure.call, message, { cause: failure });
}
