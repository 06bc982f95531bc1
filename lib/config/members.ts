import { accountMistake, externalIdMistake, roleNameMistake } from '../domain/providers/aws.ts';
import { type Environment, listMistake, partsOf, readVariable, unlessEmpty } from './environment.ts';
import { orgIdMistake, unitMistake } from './org-id.ts';

/** The accounts beside its own that a deployed function works on, and how it enters them. */
export interface Members {
  /** Those that are listed by their ids. */
  readonly accounts: readonly string[];
  /** The id of the AWS Organization whose accounts are members as well; null: of none. */
  readonly organization: string | null;
  /** The organizational units that this is limited to; none: the whole organization. */
  readonly units: readonly string[];
  readonly role: { readonly name: string; readonly externalId: string };
}

/** Every name that is read from the environment here; a typo does not compile. */
type Variable =
  | 'LOGSEAL_ACCOUNTS'
  | 'LOGSEAL_ORGANIZATION'
  | 'LOGSEAL_ORGANIZATIONAL_UNITS'
  | 'LOGSEAL_MEMBER_ROLE'
  | 'LOGSEAL_EXTERNAL_ID';

/** @returns null where neither accounts nor an organization are configured. Mistakes are added to the list */
export function readMembers(environment: Environment, mistakes: string[]): Members | null {
  const read = (name: Variable, check: Parameters<typeof readVariable>[3]) =>
    readVariable(environment, name, mistakes, check);
  const accounts = partsOf(read('LOGSEAL_ACCOUNTS', unlessEmpty(listMistake(accountMistake))));
  const organization = read('LOGSEAL_ORGANIZATION', unlessEmpty(orgIdMistake));
  const units = read('LOGSEAL_ORGANIZATIONAL_UNITS', (text) => {
    if (text !== '' && organization === '') return 'expected LOGSEAL_ORGANIZATION as well, which they are units of';
    return unlessEmpty(listMistake(unitMistake))(text);
  });
  const hasMembers = accounts.length > 0 || organization !== '';
  const name = read('LOGSEAL_MEMBER_ROLE', hasMembers ? roleNameMistake : unlessEmpty(roleNameMistake));
  const externalId = read('LOGSEAL_EXTERNAL_ID', hasMembers ? externalIdMistake : unlessEmpty(externalIdMistake));
  if (!hasMembers) return null;
  return { accounts, organization: organization || null, units: partsOf(units), role: { name, externalId } };
}
