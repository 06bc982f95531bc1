import { CATALOGUE } from '../../domain/catalogue.ts';
import { printable } from '../../domain/printable.ts';
import type { ProblemCode } from '../../domain/reasons.ts';
import type { Region } from './regions.ts';
import { LEVELS, ruleOf } from './rules.ts';

/** What a result says, and where. */
export interface SarifResult {
  readonly code: ProblemCode;
  /** Counts as a warning, however severe its code is. */
  readonly isWarning?: boolean;
  readonly message: string;
  /** What happens if nothing is done; absent: what the catalogue says of the code. */
  readonly impact?: string;
  /** With slashes, relative to where the command was typed; null: it is in no file. */
  readonly file: string | null;
  readonly region: Region | { readonly startLine: number };
}

/** A whole document of SARIF 2.1.0. @param more other properties of its run */
export function sarifLog(results: readonly SarifResult[], more: object = {}): string {
  const impacts = new Map(results.map(({ code, impact }) => [code, impact]));
  const driver = { name: 'logseal', rules: [...impacts].map(([code, impact]) => ruleOf(code, impact)) };
  return `${JSON.stringify({
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, columnKind: 'utf16CodeUnits', ...more, results: results.map(resultOf) }],
  })}\n`;
}

function resultOf({ code, isWarning, message, file, region }: SarifResult): object {
  return {
    ruleId: code,
    level: isWarning ? 'warning' : LEVELS[CATALOGUE[code].severity],
    message: { text: plain(message) },
    ...(file !== null && {
      locations: [{ physicalLocation: placeOf(file, region) }],
    }),
  };
}

/** A physical location. */
export function placeOf(file: string, region: SarifResult['region']): object {
  return { artifactLocation: { uri: uriOf(file), uriBaseId: '%SRCROOT%' }, region };
}

/** A text for a message: braces are doubled, as they would be placeholders (SARIF 2.1.0, 3.11.5), and nothing is a link (3.11.6). */
export function plain(text: string): string {
  const lines = text.split('\n').map(printable).join('\n');
  return lines.replace(/[{}]/g, '$&$&').replaceAll('](', '] (');
}

/** A path as a URI reference. */
function uriOf(path: string): string {
  return path.toWellFormed().split('/').map(encodeURIComponent).join('/');
}
