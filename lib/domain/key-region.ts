import { formatArn, parseArn } from './arn.ts';
import { problem, type Reason } from './reasons.ts';

/**
 * Why a key cannot encrypt logs: it is in another Region, and KMS keys work in their own Region only. A multi-Region key may
 * have a replica where the logs are (AWS KMS Developer Guide, "Multi-Region keys in AWS KMS"); whether it has is not checked.
 * @param key the ARN of a key or alias, or the id of a key on Alibaba Cloud
 * @param keyRegion where the key is; undefined or null: not known, so nothing is reported
 * @param logsRegion where the logs are
 */
export function wrongRegion(
  key: string,
  keyRegion: string | null | undefined,
  logsRegion: string | null | undefined,
): Reason | undefined {
  if (!keyRegion || !logsRegion || keyRegion === logsRegion) return undefined;
  const arn = parseArn(key);
  const replica = arn && isMultiRegionKey(key) && formatArn({ ...arn, region: logsRegion });
  return problem(
    'KEY_WRONG_REGION',
    `${key} is in ${keyRegion}, but the logs are in ${logsRegion}`,
    replica
      ? `use the replica of the key in ${logsRegion} if it has one (${replica}), or another key in ${logsRegion}`
      : `use a key in ${logsRegion}`,
  );
}

/** Whether a key ARN is that of a multi-Region key, which may be in other Regions too. */
export function isMultiRegionKey(keyArn: string): boolean {
  return parseArn(keyArn)?.resource.startsWith('key/mrk-') ?? false;
}
