import { readConfigFile } from '../../lib/config/config-file.ts';
import { MAX_CONFIG_MIB } from '../../lib/config/config-size.ts';
import { parseConfigSource } from '../../lib/config/config-source.ts';
import { entryMatches } from '../../lib/domain/entry-matches.ts';
import { UsageError } from '../../lib/errors.ts';
import { checkedEntries } from '../../lib/report/checked-entries.ts';
import { type Arguments, readArguments } from '../arguments.ts';
import { EXIT, type ExitStatus } from '../exit.ts';
import type { Host } from '../host.ts';
import { readInput } from '../read-input.ts';
import { openReport, outputOptions, withOutputs } from '../report.ts';
import { readScanFile } from '../scan-file.ts';
import { sameFileMistakes } from '../validation.ts';

/** `logseal config check`: what is wrong with a configuration file, or what is in it. No network, no SDK. */
export async function configCheck(words: readonly string[], host: Host): Promise<ExitStatus> {
  const args = readArguments(words, { scan: { kind: 'value' }, ...outputOptions('config-check') }, host, ['FILE']);
  const path = fileOf(args, host);
  const input = { option: null, maxMib: MAX_CONFIG_MIB, standardInput: host.input };
  const bytes = path === undefined ? undefined : await readInput({ ...input, path }, host, args.mistakes);
  if (args.mistakes.length > 0 || path === undefined || !bytes) throw new UsageError(args.allMistakes());

  const now = host.now();
  const read = readConfigFile(bytes, now);
  const file = { file: path, mistakes: [], warnings: [], scan: null };
  return withOutputs('config-check', args, host, async (outputs) => {
    if (read.status === 'MISTAKES') {
      const report = await openReport('config-check', outputs, args, host);
      await report.end({ ...file, mistakes: read.mistakes });
      return EXIT.USAGE;
    }
    const { counts, scan } = await matchesIn(args, host, entryMatches(read.configuration));
    const report = await openReport('config-check', outputs, args, host);
    await report.page(checkedEntries(read.configuration, read.lines, counts, now));
    await report.end({ ...file, warnings: read.warnings, scan });
    return EXIT.OK;
  });
}

function fileOf(args: Arguments, host: Host): string | undefined {
  const [path] = args.operands;
  const refuse = (mistake: string) => void args.mistakes.push(mistake);
  if (!path) return refuse('expected the configuration FILE to check, or - for standard input, got none');
  if (path === '-') return path;
  if (parseConfigSource(path)?.type !== 'FILE') {
    return refuse(
      `FILE: expected a file, or - for standard input, got ${JSON.stringify(path)}: config check calls nothing`,
    );
  }
  const scan = args.value('scan');
  args.mistakes.push(...sameFileMistakes(args, path, 'configuration', host));
  if (scan !== undefined) args.mistakes.push(...sameFileMistakes(args, scan, 'scan', host));
  return path;
}

/** @returns nothing of what is matched where no scan is given */
async function matchesIn(args: Arguments, host: Host, matches: ReturnType<typeof entryMatches>) {
  const path = args.value('scan');
  if (path === undefined) return { counts: null, scan: null };
  const scan = await readScanFile(path, host, args.mistakes, matches.add);
  if (!scan) throw new UsageError(args.allMistakes());
  return { counts: matches.counts(), scan };
}
