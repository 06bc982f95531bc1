import type { Reason } from '../reasons.ts';
import type { Provider } from '../target.ts';

/** What is wrong with a text that a user wrote, said as "expected …, got …"; undefined: nothing. */
export type Mistake = string | undefined;

/** All that is special about one provider, as people write and read it. */
export interface ProviderTraits {
  readonly provider: Provider;
  /** What people call it. */
  readonly cloudName: string;
  /** The partition of AWS that a Region is in; undefined: the provider has none, or the form of the name belongs to none. */
  partitionOf(region: string): string | undefined;
  /** The mistake in the account of a log store; `''` is one unless the account may be unknown. */
  accountMistake(text: string): Mistake;
  regionMistake(text: string): Mistake;
  /** Whether the SDK knows a Region where no option names one. */
  readonly hasDefaultRegion: boolean;
  /** @param regions where the log stores are */
  keyMistake(text: string, regions: readonly string[]): Mistake;
  /** The mistake in a key as plans have it: always the key itself, never an alias. */
  storedKeyMistake(text: string): Mistake;
  /** The key that an option names, as the provider's calls take it. */
  keyOf(option: string): string;
  /** Whether the text identifies a key without being looked up, as an alias must be. */
  isKeyItself(text: string): boolean;
  /** What stands for a key of the service itself, and why that flags a log store; null: there is none. */
  readonly serviceKey: { readonly id: string; readonly reason: Reason } | null;
  /** The option that names the role by which the service uses a key, and what it is; null: the key policy decides instead. */
  readonly roleOption: { readonly name: string; readonly what: string } | null;
  /** Whether the policies of the caller can be simulated, so that a plan can say which rights the caller lacks. */
  readonly simulatesCaller: boolean;
  /** The options of the command line that other providers do not know. */
  readonly ownOptions: readonly string[];
  /** What a new key must be created with. */
  readonly symmetricSpec: string;
  readonly encryptUsage: string;
  /** Commands of the provider's own command line. */
  enableCommand(key: string): string;
  cancelDeletionCommand(key: string): string;
  /** What to do where the credentials do not work. */
  readonly logInFix: string;
  /** The environment variables that point to other endpoints. */
  readonly endpointVariables: readonly string[];
  /** The option that `logseal undo` needs for this provider. */
  readonly undoOption: string;
}
