import type { RepairStatement } from '../key-policy/build-statement.ts';
import type { TemplateReasonCode } from '../reasons.ts';

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
  /** The condition under which it is there, where that does not certainly hold. */
  readonly condition?: string;
  /** Whether it has no attributes at all. */
  readonly isBare?: boolean;
  /** Where it is in the source, if that is what people edit. */
  readonly sourcePath?: string;
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
      /** Whether nothing is deployed for that reason. */
      readonly isRefused?: boolean;
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
      /** Why that is no ARN. Absent: it is plain. */
      readonly why?: string;
      /** null: the key is none of these files. */
      readonly key: DeclaredKey | null;
      /** What to write in its place. Absent: the attribute with the key's ARN. */
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
      /** What the file says of it, as a plan does of a key that a data source found. Absent: nothing. */
      readonly state?: FoundState;
    }
  /** It is one of these, and not known which. */
  | ({ readonly kind: 'ONE_OF'; readonly alternatives: readonly KeyReference[] } & Open)
  /** It is not known whether there will be a key. */
  | ({ readonly kind: 'UNDETERMINED' } & Open);

/** As AWS describes a key. What is absent is not known. */
export interface FoundState {
  readonly state?: string | undefined;
  readonly spec?: string | undefined;
  readonly usage?: string | undefined;
}

export interface DeclaredKey extends Declared {
  /** null: only AWS knows it. */
  readonly arn: string | null;
  /** null: that of the deployment, or not known. */
  readonly region: string | null;
  readonly policy: DeclaredPolicy;
  /** How to change that policy, such as `in aws_kms_key_policy.logs`. Absent: in the declaration of the key. */
  readonly policyPlace?: string | undefined;
  /** null: not known. */
  readonly spec: string | null;
  /** null: not known. */
  readonly usage: string | null;
  /** null: not known. */
  readonly enabled: boolean | null;
  /** Whether its key material is imported, but not by these files: such a key does not work when it is created. */
  readonly lacksMaterial: boolean;
  /** Whether the deployment deletes it. Absent: it does not. */
  readonly isDeleted?: boolean;
}

export type DeclaredPolicy =
  /** JSON. */
  | {
      readonly kind: 'DOCUMENT';
      readonly text: string;
      /** Each `${…}` in it that the language would replace if it were told to, with what tells it to. Absent: there is none. */
      readonly unrendered?: readonly { readonly variable: string; readonly fix: string }[];
    }
  /** None is given, so that KMS takes its default one, which admits no service. */
  | { readonly kind: 'DEFAULT' }
  | ({ readonly kind: 'UNKNOWN' } & Open);

/** Something for which CloudWatch Logs creates a log group, without a key, unless there is one of that name. */
export interface DeclaredCreator extends Declared {
  /** As people say it, such as `the Lambda function Api`. */
  readonly what: string;
  /** Of the log group. */
  readonly name: string;
  /** The name as the file would write it: a text, or an expression of its language. null: no such thing is known. Absent: the same. */
  readonly writtenName?: unknown;
  /** Why it may create none after all, or the files may declare it. Absent: neither is so. */
  readonly unless?: Open;
}

/** Why something is not known, and what settles it. */
export interface Open {
  readonly because: string;
  readonly settledBy: readonly string[];
}

/** What the files of one deployment say: a template with those nested in it, or a plan. */
export interface Declarations {
  readonly language: TemplateLanguage;
  /** null: not known. */
  readonly region: string | null;
  /** null: not known. */
  readonly account: string | null;
  readonly groups: readonly DeclaredLogGroup[];
  /** Several with the same id: it will be one of them, and it is not known which. */
  readonly keys: readonly DeclaredKey[];
  /** Only those that may be without a log group of their own. */
  readonly creators: readonly DeclaredCreator[];
}

/** What is wrong with a key, and can be put right in its declaration. */
export type KeyStateCode = 'KEY_DISABLED' | 'KEY_NOT_SYMMETRIC' | 'KEY_WRONG_USAGE';

/** What to add to a file, in its language. Of several lines, those behind the first are indented as they must be. */
export interface TemplateLanguage {
  /** What puts a key right, by what is wrong with it. */
  readonly keyState: Readonly<Record<KeyStateCode, string>>;
  /** How a log group gets a key, for instance what to write in it. @param key null: one that has yet to be declared */
  attachKey(key: DeclaredKey | null, to: Declared): string;
  /** The service principal of CloudWatch Logs, of the Region of the deployment. */
  principal(name: string): string;
  /** A statement of a key policy. Its Region and its account are those of the deployment. */
  statement(statement: RepairStatement): string;
  /** The attribute by which a key gets a whole policy: KMS's default statement and this one. */
  policy(statement: RepairStatement, to: Declared): string;
  /** The log group to declare for something that would otherwise make CloudWatch Logs create it. null: its name cannot be written. */
  logGroup(creator: DeclaredCreator, key: DeclaredKey | null): string | null;
  /** What to write in the source from which the file is made; null: people write the file itself. Absent: likewise. */
  inSource?(declared: Declared, code: TemplateReasonCode): string | null;
}
