/** What is to be said of a place in a template. */
export interface TemplateNote {
  readonly file: string;
  /** Counted from 1; null: it is about the whole file. */
  readonly line: number | null;
  readonly message: string;
}

/** The notes without those that say the same of the same place. */
export function eachNoteOnce(notes: readonly TemplateNote[]): TemplateNote[] {
  return [...new Map(notes.map((note) => [templateNoteText(note), note])).values()];
}

/** @example `template.yaml:12: Resources.AppLogs: …` */
export function templateNoteText(note: TemplateNote): string {
  return `${placeText(note)}: ${note.message}`;
}

/** @example `template.yaml:12` */
export function placeText({ file, line }: Pick<TemplateNote, 'file' | 'line'>): string {
  return line === null ? file : `${file}:${line}`;
}
