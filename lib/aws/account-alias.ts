import { CloudError } from '../errors.ts';
import { IAM_ATTEMPTS } from '../pacing.ts';
import type { Calls } from './calls.ts';
import { type AwsOptions, clientSettings } from './clients.ts';

/** As IAM names the call. */
const LIST = 'iam:ListAccountAliases';

/** Reads the alias of the caller's account. Loads the IAM client on first use. */
export function createAccountAlias(region: string, options: AwsOptions, calls: Calls): () => Promise<string | null> {
  return async () => {
    const { IAMClient, ListAccountAliasesCommand } = await import('@aws-sdk/client-iam');
    const maxAttempts = Math.min(options.maxAttempts ?? IAM_ATTEMPTS, IAM_ATTEMPTS);
    const client = new IAMClient(clientSettings(region, { ...options, maxAttempts }));
    try {
      const { AccountAliases } = await calls.make(LIST, () => client.send(new ListAccountAliasesCommand()));
      return AccountAliases?.[0] ?? null;
    } catch (error) {
      if (error instanceof CloudError) return null;
      throw error;
    }
  };
}
