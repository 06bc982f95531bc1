import type { RepairStatement } from '../key-policy/build-statement.ts';

// What files say of log groups and keys before anything is deployed. Whoever reads a kind of file makes these; texts may hold
// unknown values (`unknown.ts`).

/** Where something is declared. */
export interface Declared {
  /** Relative to where the command was typed, with slashes. */
  readonly file: string;
  /** Counted from 1; null: the file has no lines that mean something, as a plan. */
  readonly line: number | null;
  /** The logical id, or the address in Terraform. */
  readonly id: string;
}

export interface DeclaredLogGroup extends Declared {
  /** null: AWS makes the name up. */
  readonly name: string | null;
  readonly key: KeyReference;
}

/** How a log group names its key. */
export type KeyReference =
  | {
      readonly kind: 'NONE';
      /** Why a key that the file has a place for is not there, such as a condition that does not hold. Absent: there is no such place. */
      readonly because?: string;
      /** What gives that key. Absent: the attribute to add does. */
      readonly instead?: string;
    }
  /** By its ARN, or by that of an alias of it. */
  | { readonly kind: 'DECLARED'; readonly key: DeclaredKey }
  /** By something that is no ARN, where AWS takes one. */
  | {
      readonly kind: 'NOT_AN_ARN';
      /** What is there instead, such as `the id of LogsKey`. */
      readonly what: string;
      /** null: the key is none of these files. */
      readonly key: DeclaredKey | null;
      /** The attribute to write in its place. Absent: that of the key. */
      readonly instead?: string;
    }
  /** A key that is none of these files. */
  | {
      readonly kind: 'OUTSIDE';
      /** null: only AWS knows it. */
      readonly arn: string | null;
      /** Where it comes from, such as `the parameter KeyArn`. */
      readonly from: string;
      /** What it is found by, such as `alias/aws/logs`, where that says that AWS manages it. Absent: only its ARN may say so. */
      readonly managedAs?: string;
    }
  /** It is one of these, and not known which. */
  | {
      readonly kind: 'ONE_OF';
      readonly alternatives: readonly KeyReference[];
      readonly because: string;
      readonly settledBy: readonly string[];
    }
  /** It is not known whether there will be a key. */
  | { readonly kind: 'UNDETERMINED'; readonly because: string; readonly settledBy: readonly string[] };

export interface DeclaredKey extends Declared {
  /** null: only AWS knows it. */
  readonly arn: string | null;
  readonly policy: DeclaredPolicy;
  /** null: not known. */
  readonly spec: string | null;
  /** null: not known. */
  readonly usage: string | null;
  /** null: not known. */
  readonly enabled: boolean | null;
  /** Whether its key material is imported, but not by these files: such a key does not work when it is created. */
  readonly lacksMaterial: boolean;
}

export type DeclaredPolicy =
  /** JSON. */
  | { readonly kind: 'DOCUMENT'; readonly text: string }
  /** None is given, so that KMS takes its default one, which admits no service. */
  | { readonly kind: 'DEFAULT' }
  | { readonly kind: 'UNKNOWN'; readonly because: string; readonly settledBy: readonly string[] };

/** Something for which CloudWatch Logs creates a log group, without a key, unless there is one of that name. */
export interface DeclaredCreator extends Declared {
  /** As people say it, such as `the Lambda function Api`. */
  readonly what: string;
  /** Of the log group. */
  readonly name: string;
}

/** What the files of one deployment say: a template with those nested in it, or a plan. */
export interface Declarations {
  readonly language: TemplateLanguage;
  /** null: not known. */
  readonly region: string | null;
  /** null: not known. */
  readonly account: string | null;
  readonly groups: readonly DeclaredLogGroup[];
  readonly keys: readonly DeclaredKey[];
  /** Only those without a log group of their own. */
  readonly creators: readonly DeclaredCreator[];
}

/** What is wrong with a key, and can be put right in its declaration. */
export type KeyStateCode = 'KEY_DISABLED' | 'KEY_NOT_SYMMETRIC' | 'KEY_WRONG_USAGE';

/** What to add to a file, in its language. Of several lines, those behind the first are indented as they must be. */
export interface TemplateLanguage {
  /** What puts a key right, by what is wrong with it. */
  readonly keyState: Readonly<Record<KeyStateCode, string>>;
  /** The attribute by which a log group gets a key. @param key null: one that has yet to be declared @param id of the log group */
  keyAttribute(key: DeclaredKey | null, id: string): string;
  /** A statement of a key policy. Its Region and its account are those of the deployment. */
  statement(statement: RepairStatement): string;
  /** The attribute by which a key gets a whole policy: KMS's default statement and this one. */
  policy(statement: RepairStatement): string;
  /** The log group to declare for something that would otherwise make CloudWatch Logs create it. */
  logGroup(creator: DeclaredCreator, key: DeclaredKey | null): string;
}
