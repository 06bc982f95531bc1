/** As many as a person compares; `--format json` has all. */
const NAMES_SHOWN = 20;

/** Names with commas between them; of many only the first ones, and how many more there are. */
export function nameList(names: readonly string[]): string {
  const more = names.length > NAMES_SHOWN ? ` and ${(names.length - NAMES_SHOWN).toLocaleString('en')} more` : '';
  return `${names.slice(0, NAMES_SHOWN).join(', ')}${more}`;
}

/** As many accounts as a line names before it only counts them. */
const ACCOUNTS_NAMED = 3;

/** A few accounts by their ids, or how many they are. */
export function fewAccounts(accounts: readonly string[]): string {
  if (accounts.length > ACCOUNTS_NAMED) return `${accounts.length.toLocaleString('en')} accounts`;
  return new Intl.ListFormat('en').format(accounts);
}
