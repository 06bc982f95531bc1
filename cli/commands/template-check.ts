import { parseConfigSource } from '../../lib/config/config-source.ts';
import { logsPrincipalMistakes } from '../../lib/config/logs-principal.ts';
import { printable } from '../../lib/domain/printable.ts';
import { accountMistake } from '../../lib/domain/providers/aws.ts';
import type { TemplateReasonCode } from '../../lib/domain/reasons.ts';
import { EMPTY_SUMMARY, merge, type Summary, summaryOf } from '../../lib/domain/summary.ts';
import { templateFindings } from '../../lib/domain/template/findings.ts';
import { type TemplateNote, templateNoteText } from '../../lib/domain/template/note.ts';
import { UsageError } from '../../lib/errors.ts';
import type { FileReading, ReadOptions, TemplateFile } from '../../lib/template/file-kind.ts';
import { KNOWN_KINDS, readTemplateFile } from '../../lib/template/file-kinds.ts';
import { type Arguments, readArguments } from '../arguments.ts';
import { CONFIG_OPTION } from '../config-input.ts';
import { nameConfiguration } from '../configuration.ts';
import type { ExitStatus } from '../exit.ts';
import { templateStatus } from '../exit-status.ts';
import { FAIL_ON_OPTION, failOn } from '../fail-on.ts';
import type { Host } from '../host.ts';
import { ONE_REGION, rulesOf } from '../options.ts';
import { openReport, outputOptions, withOutputs } from '../report.ts';
import { openBeside, readTemplate, templateFiles } from '../template-files.ts';
import { sameFileMistakes } from '../validation.ts';

/** `logseal template check`: which log groups will have no key, or one that refuses them? No network, no SDK. */
export async function templateCheck(words: readonly string[], host: Host): Promise<ExitStatus> {
  const specs = {
    parameter: { kind: 'list', check: parameterMistake },
    ...ONE_REGION,
    account: { kind: 'value', check: accountMistake },
    'no-implicit': { kind: 'flag' },
    ...CONFIG_OPTION,
    ...FAIL_ON_OPTION,
    ...outputOptions('template'),
  } as const;
  // Every word may be an operand.
  const args = readArguments(words, specs, host, words);
  if (args.operands.length === 0) args.mistakes.push('expected FILE or DIR, the templates to check, got none');
  const config = await offlineConfiguration(args, host);
  args.mistakes.push(...logsPrincipalMistakes(host.environment), ...outputMistakes(args, host));
  if (args.mistakes.length > 0) throw new UsageError(args.allMistakes());

  const rules = rulesOf(args, host, host.now(), await config.read());
  const options = readOptions(args, host);
  return withOutputs('template', args, host, async (outputs) => {
    const report = await openReport('template', outputs, args, host);
    const unread: string[] = [];
    const mistakes: TemplateNote[] = [];
    const warnings: TemplateNote[] = [];
    const parameters = new Set<string>();
    const parts = new Set<string>();
    let summary: Summary<TemplateReasonCode> = EMPTY_SUMMARY;
    let files = 0;
    for await (const { path, isNamed } of templateFiles(args.operands, host, unread)) {
      const file = await readTemplate(path, host, unread);
      if (file && !isNamed && parts.has(file.path)) continue;
      const reading = file && (await readTemplateFile(file, options));
      if (!reading || reading.isEmpty) {
        if (file && isNamed) mistakes.push(unknownFile(file));
        continue;
      }
      mistakes.push(...reading.mistakes);
      warnings.push(...reading.warnings);
      for (const name of reading.parameters ?? []) parameters.add(name);
      for (const path of reading.parts ?? []) parts.add(path);
      if (reading.declarations.length === 0) continue;
      files++;
      const findings = findingsIn(reading, args, rules);
      summary = merge(summary, summaryOf(findings));
      await report.page(findings);
    }
    if (files === 0)
      throw new UsageError([...unread, ...mistakes.map(templateNoteText), ...noFiles(args, unread, mistakes)]);
    warnings.push(...unusedParameters(options, parameters));
    const totals = { summary, files, mistakes: [...unread.map(wholeFile), ...mistakes], warnings };
    for (const text of [...unread, ...mistakes.map(templateNoteText)]) host.err.write(`logseal: ${printable(text)}\n`);
    if (!args.flag('quiet')) {
      for (const warning of warnings) host.err.write(`warning: ${printable(templateNoteText(warning))}\n`);
    }
    await report.end(totals);
    return templateStatus(totals, failOn(args));
  });
}

function findingsIn({ declarations }: FileReading, args: Arguments, rules: Parameters<typeof templateFindings>[1]) {
  return declarations.flatMap((each) =>
    templateFindings(args.flag('no-implicit') ? { ...each, creators: [] } : each, rules),
  );
}

const PARAMETER = /^([^=]+)=(.*)$/s;

function parameterMistake(text: string): string | undefined {
  return PARAMETER.test(text) ? undefined : `expected NAME=VALUE, got ${JSON.stringify(text)}`;
}

function readOptions(args: Arguments, host: Host): ReadOptions {
  const pairs = args.list('parameter').map((text) => PARAMETER.exec(text) ?? []);
  return {
    parameters: new Map(pairs.map(([, name = '', value = '']) => [name, value])),
    region: args.value('region') ?? null,
    account: args.value('account') ?? null,
    open: (from, path) => openBeside(from, path, host),
  };
}

/** What AWS keeps is not read: this command calls nothing. */
async function offlineConfiguration(args: Arguments, host: Host) {
  const config = args.value('config');
  if (config !== undefined && parseConfigSource(config) && parseConfigSource(config)?.type !== 'FILE') {
    args.mistakes.push(`--config: expected a file, got ${JSON.stringify(config)}: template check calls nothing`);
  }
  return nameConfiguration(args, host);
}

function outputMistakes(args: Arguments, host: Host): string[] {
  const config = args.value('config');
  return [
    ...args.operands.flatMap((path) => sameFileMistakes(args, path, 'template', host)),
    ...(config === undefined ? [] : sameFileMistakes(args, config, 'configuration', host)),
  ];
}

function unknownFile({ path, text }: TemplateFile): TemplateNote {
  const got = text === null ? 'bytes that are no text' : 'something else';
  return { file: path, line: null, message: `expected ${KNOWN_KINDS}, got ${got}` };
}

function wholeFile(message: string): TemplateNote {
  return { file: '', line: null, message };
}

function noFiles(args: Arguments, unread: readonly string[], mistakes: readonly TemplateNote[]): string[] {
  if (unread.length + mistakes.length > 0) return [];
  return [`expected ${KNOWN_KINDS}, found none in ${args.operands.join(', ')}`];
}

function unusedParameters({ parameters }: ReadOptions, known: ReadonlySet<string>): TemplateNote[] {
  return [...parameters.keys()]
    .filter((name) => !known.has(name))
    .map((name) => ({ file: '--parameter', line: null, message: `no template has the parameter ${name}` }));
}
