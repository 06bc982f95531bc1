import { type KeyFacts, whyUnusable } from '../key.ts';
import type { Reason } from '../reasons.ts';
import type { DeclaredKey, KeyReference, TemplateLanguage } from './model.ts';

/** Why logs cannot be encrypted with a declared key, whatever its policy says. What is not known counts as right. */
export function keyStateReasons(
  { id, spec, usage, enabled, lacksMaterial, isDeleted }: DeclaredKey,
  { keyState }: TemplateLanguage,
): Reason[] {
  const facts: KeyFacts = {
    arn: id,
    account: '',
    state: isDeleted ? 'PendingDeletion' : lacksMaterial ? 'PendingImport' : enabled === false ? 'Disabled' : 'Enabled',
    spec: spec ?? 'SYMMETRIC_DEFAULT',
    usage: usage ?? 'ENCRYPT_DECRYPT',
  };
  return whyUnusable(facts, 'aws', 'CONFIGURED').map((reason) => {
    if (isDeleted && reason.code === 'KEY_PENDING_DELETION') return { ...reason, ...deletion(id) };
    const attribute = Object.hasOwn(keyState, reason.code) ? keyState[reason.code as keyof typeof keyState] : undefined;
    return attribute === undefined ? reason : { ...reason, fix: `write in ${id}: ${attribute}` };
  });
}

function deletion(id: string): Pick<Reason, 'message' | 'fix'> {
  return {
    message: `the deployment deletes ${id}: from then on nothing can be encrypted with it, and what was encrypted under it cannot be read`,
    fix: `keep ${id} as long as logs that were encrypted under it are needed`,
  };
}

/** Why logs cannot be encrypted with a key that lies outside the files, as far as its ARN and the files tell. */
export function outsideReasons(
  arn: string,
  { managedAs, state }: KeyReference & { readonly kind: 'OUTSIDE' },
): Reason[] {
  const isManaged = managedAs !== undefined || /:alias\/aws\//.test(arn);
  const facts: KeyFacts = {
    arn: managedAs ?? arn,
    account: '',
    state: state?.state ?? 'Enabled',
    spec: state?.spec ?? 'SYMMETRIC_DEFAULT',
    usage: state?.usage ?? 'ENCRYPT_DECRYPT',
    ...(isManaged && { manager: 'AWS' }),
  };
  return whyUnusable(facts, 'aws', 'CONFIGURED');
}
