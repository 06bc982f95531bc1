import {
  DescribeKeyCommand,
  GetKeyPolicyCommand,
  type GrantListEntry,
  type KMSClient,
  ListAliasesCommand,
  ListGrantsCommand,
  PutKeyPolicyCommand,
} from '@aws-sdk/client-kms';
import type { Keys } from '../app/ports.ts';
import { parseArn } from '../domain/arn.ts';
import type { Grant } from '../domain/key-check.ts';
import { CloudError } from '../errors.ts';
import { GRANTS_PER_CALL } from '../pacing.ts';
import type { Calls } from './calls.ts';
import { pagesOf } from './paging.ts';

/** The KMS keys of the client's Region. */
export function createKeys(client: KMSClient, calls: Calls): Keys {
  return {
    async describe(key) {
      const command = new DescribeKeyCommand({ KeyId: key });
      const { KeyMetadata: answer } = await calls.make('kms:DescribeKey', () => client.send(command));
      if (typeof answer?.Arn !== 'string')
        throw new CloudError('UNAVAILABLE', 'kms:DescribeKey', `KMS returned no metadata for ${key}`);
      return {
        arn: answer.Arn,
        account: answer.AWSAccountId ?? parseArn(answer.Arn)?.account ?? '',
        state: answer.KeyState ?? null,
        spec: answer.KeySpec ?? answer.CustomerMasterKeySpec ?? null,
        usage: answer.KeyUsage ?? null,
        manager: answer.KeyManager,
        deletionDate: answer.DeletionDate,
        waitingPeriodDays: answer.PendingDeletionWindowInDays,
      };
    },

    async policyText(keyArn) {
      const command = new GetKeyPolicyCommand({ KeyId: keyArn, PolicyName: 'default' });
      const { Policy } = await calls.make('kms:GetKeyPolicy', () => client.send(command));
      if (typeof Policy === 'string') return Policy;
      throw new CloudError('UNAVAILABLE', 'kms:GetKeyPolicy', `KMS returned no policy for ${keyArn}`);
    },

    async putPolicy(keyArn, text) {
      const command = new PutKeyPolicyCommand({ KeyId: keyArn, PolicyName: 'default', Policy: text });
      await calls.make('kms:PutKeyPolicy', () => client.send(command));
    },

    async grants(keyArn) {
      const pages = pagesOf(
        undefined,
        async (Marker) => {
          const command = new ListGrantsCommand({ KeyId: keyArn, Limit: GRANTS_PER_CALL, ...(Marker && { Marker }) });
          const { Grants = [], NextMarker, Truncated } = await calls.make('kms:ListGrants', () => client.send(command));
          return { items: Grants.map(grantOf), nextToken: Truncated ? NextMarker : undefined };
        },
        () =>
          new CloudError(
            'UNAVAILABLE',
            'kms:ListGrants',
            `the list of grants on ${keyArn} never ends: a marker was returned twice`,
          ),
      );
      const grants: Grant[] = [];
      for await (const { items } of pages) grants.push(...items);
      return grants;
    },

    // One call: a key has few aliases, and they are only shown.
    async aliases(keyArn) {
      const command = new ListAliasesCommand({ KeyId: keyArn });
      const { Aliases = [] } = await calls.make('kms:ListAliases', () => client.send(command));
      return Aliases.flatMap(({ AliasArn }) => AliasArn ?? []);
    },
  };
}

/** A grant without a grantee is kept with an empty one, which equals no principal: it must not prove anything. */
function grantOf({
  GranteePrincipal,
  GranteeServicePrincipal,
  Operations = [],
  Constraints = {},
}: GrantListEntry): Grant {
  const grantee = GranteePrincipal ?? GranteeServicePrincipal ?? '';
  return { grantee, operations: Operations, ...(Object.keys(Constraints).length > 0 && { isConstrained: true }) };
}
