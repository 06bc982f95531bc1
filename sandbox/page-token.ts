/** CloudWatch Logs: "The token expires after 24 hours." Assumption: KMS's markers and CloudWatch's tokens do so too. */
const LIFETIME_MS = 24 * 60 * 60 * 1000;

/** An opaque token that continues at `next`, valid only in a request with the same `scope`. */
export function writePageToken(scope: readonly unknown[], next: string, now: Date): string {
  return Buffer.from(JSON.stringify([JSON.stringify(scope), next, now.getTime()])).toString('base64url');
}

/** Where to continue, or undefined when the token is broken, has expired or belongs to another request. */
export function readPageToken(
  scope: readonly unknown[],
  token: string,
  now: Date,
  lifetimeMs = LIFETIME_MS,
): string | undefined {
  try {
    const [writtenScope, next, writtenAtMs] = JSON.parse(Buffer.from(token, 'base64url').toString());
    const isLive = writtenScope === JSON.stringify(scope) && now.getTime() - writtenAtMs <= lifetimeMs;
    return isLive ? next : undefined;
  } catch {
    return undefined;
  }
}
