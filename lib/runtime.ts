import type { Cloud, CloudOf, EventBus } from './app/ports.ts';
import type { AwsOptions } from './aws/clients.ts';
import { createAwsCloud } from './aws/cloud.ts';

export { defaultRegion } from './aws/default-region.ts';

export interface CloudOptions extends AwsOptions {
  /** Where to ask who calls, once for all Regions. Default: each Region is asked for itself, so that it fails alone. */
  readonly callerRegion?: string;
}

/**
 * AWS as the SDK's environment shows it, one Region at a time. The clients of a Region are built when it is first asked
 * for, and once.
 */
export function awsClouds({ callerRegion, ...options }: CloudOptions = {}): CloudOf {
  const clouds = new Map<string, Cloud>();
  const cloudOf: CloudOf = (region) => {
    const cloud = clouds.get(region) ?? createAwsCloud(region, options);
    clouds.set(region, cloud);
    return callerRegion === undefined || region === callerRegion
      ? cloud
      : { ...cloud, caller: cloudOf(callerRegion).caller };
  };
  return cloudOf;
}

/** The bus that a deployed function sends its events to, in its own Region. Its SDK client is loaded for nobody else. */
export async function awsEventBus({ homeRegion, busName }: { homeRegion: string; busName: string }): Promise<EventBus> {
  const { createAwsEventBus } = await import('./aws/event-bus.ts');
  return createAwsEventBus(homeRegion, busName);
}
