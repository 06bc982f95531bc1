import { severityRank } from '../domain/order.ts';
import type { TemplateFinding } from '../domain/template/finding.ts';

/** Where a log group is declared: `template.yaml:12`. */
export function placeText({ file, line }: Pick<TemplateFinding, 'file' | 'line'>): string {
  return line === null ? file : `${file}:${line}`;
}

/** A log group by its id in the file, and its name where it is known. */
export function shownName({ id, name }: Pick<TemplateFinding, 'id' | 'name'>): string {
  return name === null ? id : `${id} (${name})`;
}

/** The worst first, then by file and line. */
export function inTemplateOrder(one: TemplateFinding, other: TemplateFinding): number {
  return (
    severityRank(one.severity) - severityRank(other.severity) ||
    compare(one.file, other.file) ||
    (one.line ?? 0) - (other.line ?? 0) ||
    compare(one.id, other.id)
  );
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
