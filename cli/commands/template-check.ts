import { parseConfigSource } from '../../lib/config/config-source.ts';
import { logsPrincipalMistakes } from '../../lib/config/logs-principal.ts';
import { printable } from '../../lib/domain/printable.ts';
import { accountMistake } from '../../lib/domain/providers/aws.ts';
import { templateNoteText } from '../../lib/domain/template/note.ts';
import { UsageError } from '../../lib/errors.ts';
import type { ReadOptions } from '../../lib/template/file-kind.ts';
import { KNOWN_KINDS } from '../../lib/template/file-kinds.ts';
import { type Arguments, readArguments } from '../arguments.ts';
import { checkTemplates } from '../check-templates.ts';
import { CONFIG_OPTION } from '../config-input.ts';
import { nameConfiguration } from '../configuration.ts';
import type { ExitStatus } from '../exit.ts';
import { templateStatus } from '../exit-status.ts';
import { FAIL_ON_OPTION, failOn } from '../fail-on.ts';
import type { Host } from '../host.ts';
import { ONE_REGION, rulesOf } from '../options.ts';
import { openReport, outputOptions, withOutputs } from '../report.ts';
import { openBeside, templateOperands } from '../template-files.ts';
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
  const operands = await templateOperands(args.operands, host, args.mistakes);
  const parameters = parametersOf(args);
  const config = await offlineConfiguration(args, host);
  args.mistakes.push(...logsPrincipalMistakes(host.environment), ...outputMistakes(args, host));
  if (args.mistakes.length > 0) throw new UsageError(args.allMistakes());

  const rules = rulesOf(args, host, host.now(), await config.read());
  const options: ReadOptions = {
    parameters,
    region: args.value('region') ?? null,
    account: args.value('account') ?? null,
    open: (from, path) => openBeside(from, path, host),
  };
  return withOutputs('template', args, host, async (outputs) => {
    const report = await openReport('template', outputs, args, host);
    const checking = { options, rules, hasImplicit: !args.flag('no-implicit') };
    const totals = await checkTemplates(operands, checking, host, (findings) => report.page(findings));
    const mistakes = totals.mistakes.map(templateNoteText);
    const warnings = totals.warnings.map(templateNoteText);
    if (totals.files === 0) {
      const nothing = `expected ${KNOWN_KINDS}, found none in ${args.operands.join(', ')}`;
      throw new UsageError(mistakes.length > 0 ? mistakes : [nothing, ...warnings]);
    }
    await report.end(totals);
    // Behind the table, where a terminal still shows them.
    for (const warning of args.flag('quiet') ? [] : warnings) host.err.write(`warning: ${printable(warning)}\n`);
    for (const mistake of mistakes) host.err.write(`logseal: ${printable(mistake)}\n`);
    return templateStatus(totals, failOn(args));
  });
}

const PARAMETER = /^([^=]+)=(.*)$/s;

function parameterMistake(text: string): string | undefined {
  return PARAMETER.test(text) ? undefined : `expected NAME=VALUE, got ${JSON.stringify(text)}`;
}

function parametersOf(args: Arguments): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const text of args.list('parameter')) {
    const [, name, value = ''] = PARAMETER.exec(text) ?? [];
    if (name === undefined) continue;
    if (parameters.has(name)) args.mistakes.push(`--parameter: expected one value of ${name}, got several`);
    parameters.set(name, value);
  }
  return parameters;
}

/** What AWS keeps is not read: this command calls nothing. */
async function offlineConfiguration(args: Arguments, host: Host) {
  const text = args.value('config');
  const source = text === undefined ? undefined : parseConfigSource(text);
  if (source && source.type !== 'FILE') {
    args.mistakes.push(`--config: expected a file, got ${JSON.stringify(text)}: template check calls nothing`);
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
