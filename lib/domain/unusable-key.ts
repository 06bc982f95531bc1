import { isMultiRegionKey } from './key-region.ts';
import { problem, type Reason } from './reasons.ts';

/** What a key is to the logs. `ATTACHED`: they are encrypted under it. `CONFIGURED`: they would be. */
export type KeyUse = 'ATTACHED' | 'CONFIGURED';

/** How the fix begins where an alias does not exist. Each account has aliases of its own, so it is for one account and Region. */
export const CREATE_ALIAS = 'create the alias in';

/**
 * What it means for the logs that a key, or an alias, does not exist.
 * @param key as the log store or the user names it
 */
export function keyNotFound(key: string, region: string, use: KeyUse): Reason {
  const isAlias = key.includes('alias/');
  // What became of the key behind an alias that is gone is not known.
  if (isAlias || use === 'CONFIGURED') {
    const fix = isAlias ? `${CREATE_ALIAS} ${region}, or name another key` : 'attach a key that exists';
    return problem('KEY_NOT_FOUND', `${key} does not exist in ${region}, so nothing can be encrypted with it`, fix);
  }
  const lost = `what was encrypted under ${key} cannot be read`;
  // AWS KMS Developer Guide, "Deleting multi-Region keys": a replica can be made anew from the primary key.
  if (isMultiRegionKey(key)) {
    const fix = `replicate the key to ${region} again if another Region still has it, which makes the data readable; otherwise attach a key that exists`;
    return problem('KEY_NOT_FOUND', `${lost}, since the key does not exist in ${region}`, fix);
  }
  const message = `${lost} any more, since the key does not exist in ${region}`;
  return problem('KEY_NOT_FOUND', message, 'attach a key that exists');
}

/**
 * What it means for the logs that a key is scheduled for deletion.
 * @param date when it is deleted; undefined: not known
 */
export function pendingDeletion(key: string, use: KeyUse, date: Date | undefined, fix: string): Reason {
  const day = date?.toISOString().slice(0, 10);
  if (use === 'CONFIGURED') {
    const on = day === undefined ? '' : ` on ${day}`;
    const message = `${key} is scheduled for deletion${on}, so nothing can be encrypted with it`;
    return problem('KEY_PENDING_DELETION', message, fix);
  }
  const when = day === undefined ? 'at the end of its waiting period' : `on ${day}`;
  const unless = isMultiRegionKey(key) ? ', unless another Region has the key' : '';
  return problem('KEY_PENDING_DELETION', `${willBeLost(key)} ${when}, when the key is deleted${unless}`, fix);
}

/**
 * What it means for the logs that a primary key is to be deleted after its replicas.
 * @param waitingPeriodDays how long after the last of them; undefined: not known
 */
export function pendingReplicaDeletion(
  key: string,
  use: KeyUse,
  waitingPeriodDays: number | undefined,
  fix: string,
): Reason {
  if (use === 'CONFIGURED') {
    const message = `${key} is scheduled for deletion after its last replica, so nothing can be encrypted with it`;
    return problem('KEY_PENDING_REPLICA_DELETION', message, fix);
  }
  const days = waitingPeriodDays === undefined ? '' : `${waitingPeriodDays} days `;
  return problem(
    'KEY_PENDING_REPLICA_DELETION',
    `${willBeLost(key)} when the key is deleted, ${days}after its last replica`,
    fix,
  );
}

function willBeLost(key: string): string {
  return `what was encrypted under ${key} cannot be read now, and will be lost`;
}

/** The day on which a key is deleted, as `2027-03-31`, from the reason that says so; null: it names no day. */
export function deletionDay({ code, message }: { readonly code: string; readonly message: string }): string | null {
  if (code !== 'KEY_PENDING_DELETION') return null;
  return /(?: lost|deletion) on (\d{4}-\d{2}-\d{2}),/.exec(message)?.[1] ?? null;
}
