import type { DocumentCode } from '../reasons.ts';
import type { Statement } from './parse.ts';

/** Why PutKeyPolicy would refuse a document although its grammar is right. A key that has such a policy keeps it. */
export interface DocumentProblem {
  readonly code: DocumentCode;
  /** null: the problem is not in one statement. */
  readonly statement: StatementPlace | null;
  readonly message: string;
  readonly fix: string;
}

/** Which statement: `index` counts from zero. */
export type StatementPlace = Pick<Statement, 'index' | 'sid'>;

export function placeOf({ index, sid }: Statement): StatementPlace {
  return { index, sid };
}
