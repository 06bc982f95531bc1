import { isExpired } from '../lib/domain/exemption.ts';
import type { TemplateReasonCode } from '../lib/domain/reasons.ts';
import type { Rules } from '../lib/domain/rules.ts';
import { EMPTY_SUMMARY, merge, type Summary, summaryOf } from '../lib/domain/summary.ts';
import type { TemplateFinding } from '../lib/domain/template/finding.ts';
import { templateFindings } from '../lib/domain/template/findings.ts';
import { eachNoteOnce, type TemplateNote } from '../lib/domain/template/note.ts';
import type { TemplateTotals } from '../lib/report/documents.ts';
import { counted } from '../lib/report/table.ts';
import type { FileReading, ReadOptions, TemplateFile } from '../lib/template/file-kind.ts';
import { KNOWN_KINDS, readTemplateFile } from '../lib/template/file-kinds.ts';
import { MAKE_PLAN } from '../lib/template/terraform/other-files.ts';
import type { Host } from './host.ts';
import { suggestion } from './suggest.ts';
import { type LeftOut, type Operand, readTemplate, templateFiles } from './template-files.ts';

/** How templates are checked. */
export interface Checking {
  readonly options: ReadOptions;
  readonly rules: Rules;
  /** Whether log groups that CloudWatch Logs creates by itself have findings. */
  readonly hasImplicit: boolean;
}

/**
 * Checks one file after the other and keeps none of them. A file that cannot be evaluated hides no other.
 * @param page receives the findings of each file
 */
export async function checkTemplates(
  operands: readonly Operand[],
  checking: Checking,
  host: Host,
  page: (findings: readonly TemplateFinding[]) => Promise<void>,
): Promise<TemplateTotals> {
  const mistakes: TemplateNote[] = [];
  const warnings: TemplateNote[] = [];
  const parameters = new Set<string>();
  const parts = new Set<string>();
  let summary: Summary<TemplateReasonCode> = EMPTY_SUMMARY;
  let files = 0;
  const leftOut: LeftOut = { configuration: [] };
  for await (const found of templateFiles(operands, host, leftOut)) {
    const { path, isNamed } = found;
    const unread: string[] = [];
    const file = await readTemplate(found, host, unread);
    mistakes.push(...unread.map((message) => ({ file: file?.path ?? path, line: null, message })));
    if (!file || parts.has(file.path)) continue;
    const checked = await checkFile(file, checking).catch((error: unknown) => tooDeep(file.path, error));
    const reading = checked?.reading;
    if (!reading || reading.isEmpty) {
      if (isNamed) mistakes.push(unknownFile(file));
      continue;
    }
    mistakes.push(...reading.mistakes);
    warnings.push(...reading.warnings);
    for (const name of reading.parameters ?? []) parameters.add(name);
    for (const part of reading.parts ?? []) parts.add(part);
    warnings.push(...unusedPlaces(file.path, reading, checking.options));
    if (reading.declarations.length === 0) continue;
    files++;
    summary = merge(summary, summaryOf(checked.findings));
    await page(checked.findings);
  }
  warnings.push(...configurationLeftOut(leftOut), ...unusedParameters(checking.options, parameters));
  warnings.push(...exemptionsLeftOut(checking.rules));
  return { summary, files, mistakes: eachNoteOnce(mistakes), warnings: eachNoteOnce(warnings) };
}

/** The mistake of a file whose parts are nested too deeply to be evaluated. It hides no other file. */
function tooDeep(file: string, error: unknown): CheckedFile {
  if (!(error instanceof RangeError)) throw error;
  const message = 'its parts are nested too deeply to be evaluated';
  return { reading: { declarations: [], mistakes: [{ file, line: null, message }], warnings: [] }, findings: [] };
}

interface CheckedFile {
  readonly reading: FileReading;
  readonly findings: readonly TemplateFinding[];
}

/** @returns undefined for a file of no kind */
async function checkFile(
  file: TemplateFile,
  { options, rules, hasImplicit }: Checking,
): Promise<CheckedFile | undefined> {
  const reading = await readTemplateFile(file, options);
  const findings = reading?.declarations.flatMap((each) =>
    templateFindings(hasImplicit ? each : { ...each, creators: [] }, rules),
  );
  return reading && { reading, findings: findings ?? [] };
}

function unknownFile({ path, text }: TemplateFile): TemplateNote {
  const got =
    text === null
      ? 'bytes that are no text in UTF-8 or UTF-16'
      : text.trim() === ''
        ? 'an empty file'
        : 'something else';
  return { file: path, line: null, message: `expected ${KNOWN_KINDS}, got ${got}` };
}

/** `--region` and `--account` where the file says another one, which counts. */
function unusedPlaces(file: string, { declarations }: FileReading, options: ReadOptions): TemplateNote[] {
  return (['region', 'account'] as const).flatMap((part) => {
    const given = options[part];
    const said = new Set(declarations.map((each) => each[part]).filter((each) => each !== null));
    if (given === null || said.size === 0 || said.has(given)) return [];
    const message = `--${part} ${given} does not count here: the file says ${[...said].join(', ')}`;
    return [{ file, line: null, message }];
  });
}

function configurationLeftOut({ configuration: [file, ...others] }: LeftOut): TemplateNote[] {
  if (file === undefined) return [];
  const one = 'the configuration of Terraform is not evaluated';
  const several = `this and ${counted(others.length, 'other file')} are the configuration of Terraform, which is not evaluated`;
  const message = `${others.length === 0 ? one : several}: run ${MAKE_PLAN}`;
  return [{ file, line: null, message }];
}

function unusedParameters({ parameters }: ReadOptions, known: ReadonlySet<string>): TemplateNote[] {
  return [...parameters.keys()]
    .filter((name) => !known.has(name))
    .map((name) => {
      const message = `no template has the parameter ${name}${suggestion(name, [...known])}`;
      return { file: '--parameter', line: null, message };
    });
}

/** The exemptions that count for no log group here. */
function exemptionsLeftOut({ configuration, now }: Rules): TemplateNote[] {
  return configuration.exemptions.flatMap((exemption) => {
    const { id, expires, match } = exemption;
    const why = isExpired(exemption, now)
      ? `no longer counts: it expired on ${expires}`
      : match.tags && 'does not count: it matches by tags, which are not read from templates';
    return why ? [{ file: '--config', line: null, message: `the exemption ${id} ${why}` }] : [];
  });
}
