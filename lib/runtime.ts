import type { Cloud, CloudOf } from './app/ports.ts';
import type { AwsOptions } from './aws/clients.ts';
import { createAwsCloud } from './aws/cloud.ts';

export { defaultRegion } from './aws/default-region.ts';

/**
 * AWS as the SDK's environment shows it, one Region at a time. The clients of a Region are built when it is first asked
 * for, and once.
 */
export function awsClouds(options: AwsOptions = {}): CloudOf {
  const clouds = new Map<string, Cloud>();
  return (region) => {
    const cloud = clouds.get(region) ?? createAwsCloud(region, options);
    clouds.set(region, cloud);
    return cloud;
  };
}
