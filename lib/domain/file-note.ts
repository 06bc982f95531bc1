/** What is to be said of one place in a file. */
export interface FileNote {
  /** Counted from 1, as is the column. */
  readonly line: number;
  readonly column: number;
  /** Begins with the path of the field, where there is one. */
  readonly message: string;
}

/** @example `line 7: exemptions[0].expires: expected a day such as 2027-03-31, got "soon"` */
export function noteText({ line, message }: FileNote): string {
  return `line ${line}: ${message}`;
}
