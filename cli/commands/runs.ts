import { existsSync } from 'node:fs';
import type { EntriesOfRun, ReadableJournal } from '../../lib/app/ports.ts';
import { tableMistake } from '../../lib/config/table-name.ts';
import { parseArn } from '../../lib/domain/arn.ts';
import { type JournalRun, journalRun, newestFirst } from '../../lib/domain/journal-run.ts';
import { UsageError } from '../../lib/errors.ts';
import type { ReadJournal } from '../../lib/report/documents.ts';
import { counted } from '../../lib/report/table.ts';
import { type Arguments, readArguments } from '../arguments.ts';
import { connect, firstTarget, unlessInterrupted, whereOf } from '../connect.ts';
import { EXIT, type ExitStatus } from '../exit.ts';
import { announceEarlier } from '../find-run.ts';
import type { Host } from '../host.ts';
import { openJournalFile } from '../journal-file.ts';
import { JOURNAL_OPTION, ONE_REGION, PROFILE_OPTION } from '../options.ts';
import { openReport, outputOptions, withOutputs } from '../report.ts';
import { defaultJournal, EARLIER_JOURNAL, earlierJournals } from '../state-directory.ts';
import { openTable } from '../undo-source.ts';
import { refuseMistakes } from '../validation.ts';

type Source = Pick<ReadJournal, 'type' | 'name'> & { readonly journal: Pick<ReadableJournal, 'runs'> };

/** `logseal runs`: lists the runs in the journal, the newest first. */
export async function runs(words: readonly string[], host: Host): Promise<ExitStatus> {
  const args = readArguments(
    words,
    {
      ...JOURNAL_OPTION,
      'journal-table': { kind: 'value', check: tableMistake },
      ...ONE_REGION,
      ...PROFILE_OPTION,
      ...outputOptions('runs'),
    },
    host,
  );
  const table = args.value('journal-table');
  const path = args.value('journal');
  if (table !== undefined && path !== undefined) {
    args.mistakes.push('--journal-table: cannot be combined with --journal');
  }
  const named = path === undefined ? [] : [fileSource(path, host, args.mistakes)];
  const ofTable = parseArn(table ?? '')?.region;
  const where = { ...whereOf(args), ...(ofTable !== undefined && { regions: [ofTable] }) };
  await refuseMistakes(args, host, path === undefined ? where : null);

  return withOutputs('runs', args, host, async (outputs) => {
    const sources = path === undefined ? await sourcesOf(args, host, where) : named;
    const all: JournalRun[] = [];
    const journals: ReadJournal[] = [];
    for (const { journal, ...read } of sources) {
      const isElsewhere = new Set(all.map(({ id }) => id));
      let entries = 0;
      const before = all.length;
      const add = (run: EntriesOfRun) => {
        entries += run.length;
        if (!isElsewhere.has(run[0].runId)) all.push(journalRun(run));
      };
      await unlessInterrupted(host.signal, forEach(journal.runs(), add));
      const count = all.length - before;
      journals.push({ ...read, runs: count, entries });
      if (read.name === EARLIER_JOURNAL && path === undefined && count > 0) {
        announceEarlier(counted(count, 'run'), sources[0]?.name ?? '', host);
      }
    }
    const report = await openReport('runs', outputs, args, host);
    await report.page(newestFirst(all));
    await report.end({ journals });
    return EXIT.OK;
  });
}

async function forEach<T>(items: AsyncIterable<T>, use: (item: T) => void): Promise<void> {
  for await (const item of items) use(item);
}

function fileSource(path: string, host: Host, mistakes: string[]): Source {
  return { type: 'FILE', name: path, journal: openJournalFile(path, host, mistakes, 'READ') };
}

/** The table in the options, or the default journal of the caller's account and the one that was the default once. */
async function sourcesOf(args: Arguments, host: Host, where: ReturnType<typeof whereOf>): Promise<Source[]> {
  const { cloudOf, target } = firstTarget(await connect(args, host, where));
  const table = args.value('journal-table');
  if (table !== undefined) {
    return [{ type: 'TABLE', name: table, journal: await openTable(args, host, target.region) }];
  }
  const { account } = await unlessInterrupted(host.signal, cloudOf(target).caller());
  const own = defaultJournal(host, target.provider, account);
  const mistakes: string[] = [];
  const isThere = existsSync(own);
  const files = [...(isThere ? [own] : []), ...earlierJournals(host)].map((path) => fileSource(path, host, mistakes));
  if (mistakes.length > 0) throw new UsageError(mistakes);
  // An account without a file has no runs.
  return isThere ? files : [{ type: 'FILE', name: own, journal: { async *runs() {} } }, ...files];
}
