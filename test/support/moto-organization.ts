import { CreateAccountCommand, CreateOrganizationCommand, OrganizationsClient } from '@aws-sdk/client-organizations';

/** An organization in moto, whose management account is moto's own. */
export interface MotoOrganization {
  readonly id: string;
  /** Without the management account; their ids are moto's choice. */
  readonly accounts: readonly string[];
}

/** Creates an organization of so many active accounts besides the management account. */
export async function aMotoOrganization(
  endpoint: string,
  { accounts }: { accounts: number },
): Promise<MotoOrganization> {
  const client = new OrganizationsClient({
    ...{ endpoint, region: 'us-east-1' },
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const { Organization } = await client.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }));
  const ids: string[] = [];
  for (let index = 0; index < accounts; index++) {
    const input = { AccountName: `account-${index}`, Email: `${index}@example.com` };
    const { CreateAccountStatus } = await client.send(new CreateAccountCommand(input));
    ids.push(CreateAccountStatus?.AccountId ?? '');
  }
  client.destroy();
  return { id: Organization?.Id ?? '', accounts: ids };
}
