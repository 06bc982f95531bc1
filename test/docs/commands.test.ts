import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { alibabaKeyId } from '../../sandbox/alibaba/state.ts';
import type { World } from '../../sandbox/world.ts';
import { EXTERNAL_ID, memberRole } from '../cli/worlds.ts';
import { logsPolicy } from '../sandbox/support.ts';
import { aDesk, aWorld, DEMO, type Desk, ROOT } from '../support/logseal.ts';
import { type Block, commandsIn, type Page, readPage, readPages } from './pages.ts';

/** An account with what the documents name. */
const ACCOUNT: World = aWorld({
  keys: { logs: { alias: 'alias/logs', policy: 'logs' }, payments: { alias: 'alias/payments', policy: 'logs' } },
  groups: {
    '/app/api': null,
    '/app/web': null,
    '/app/audit': null,
    '/aws/lambda/orders': 'disabled',
    '/vendor/a': null,
  },
  roles: { member: memberRole('444455556666'), other: memberRole('777788889999') },
  elsewhere: ['444455556666', '777788889999'].map((account) => ({ account, groups: { '/app/theirs': null } })),
});
/** What a page is tried on; all others on `ACCOUNT`. */
const WORLDS: Readonly<Record<string, string>> = {
  'docs/sandbox.md': DEMO,
  'docs/alibaba.md': join(ROOT, 'sandbox/worlds/logstores.yaml'),
};
/** Commands that ask a person, who says yes. */
const ASKING = /^(apply|undo|key repair) /;

const PLACEHOLDERS: Readonly<Record<string, string>> = {
  EXTERNAL_ID,
  KEY_ARN: 'arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555',
  LOG_GROUP_ARN: 'arn:aws:logs:eu-west-1:111122223333:log-group:/app/api',
  CMK_ID: alibabaKeyId('cn-hangzhou', 'logseal'),
  'acs:ram::ACCOUNT:role/NAME': 'acs:ram::1234567890123456:role/logseal-sls',
};

const runnable = ({ language, text, comment }: Block) =>
  language === 'sh' && comment === null && commandsIn(text).length > 0;
const pages = readPages().filter(({ blocks }) => blocks.some(runnable));

describe('the commands that a document shows', () => {
  it('are in the documents that show how logseal is used', () => {
    expect(pages.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['README.md', 'docs/commands.md', 'docs/configuration.md', 'docs/sandbox.md']),
    );
  });

  it.each(pages.map((page) => [page.path, page] as const))('work in their order: %s', async (path, page) => {
    const desk = await aDesk(WORLDS[path] ?? ACCOUNT);
    await writeFixtures(desk);

    for (const typed of page.blocks.filter(runnable).flatMap(({ text }) => commandsIn(text))) {
      const words = typed.map((word) => PLACEHOLDERS[word] ?? (word === 'RUN_ID' ? lastRun(desk) : word));
      const { status, stderr } = await desk.run(answered(words));
      // 3: done, and something is not compliant.
      expect([0, 3], `${words.join(' ')}\n${stderr}`).toContain(status);
    }
  });

  it('are not run for a reason', () => {
    const reasons = readPages().flatMap(({ blocks }) =>
      blocks.filter(({ language, comment }) => language === 'sh' && comment !== null).map(({ comment }) => comment),
    );

    expect(reasons.filter((reason) => !/^not run: \S/.test(reason ?? ''))).toEqual([]);
  });
});

/** The files that the documents tell a person to write. */
async function writeFixtures(desk: Desk): Promise<void> {
  const policy = JSON.stringify(logsPolicy())
    .replaceAll('{region}', 'eu-west-1')
    .replaceAll(/\{\w+\}/g, '111122223333');
  for (const name of ['policy.json', 'keys/logs.json', 'policies/logs.json']) await desk.write(name, policy);
  await desk.write('logseal.yaml', firstYaml(readPage('docs/configuration.md')));
  const template = firstYaml(readPage('docs/templates.md'));
  await desk.write('template.yaml', template);
  const manifest = {
    version: '48.0.0',
    artifacts: { App: { type: 'aws:cloudformation:stack', properties: { templateFile: 'App.template.json' } } },
  };
  await desk.write('cdk.out/manifest.json', JSON.stringify(manifest));
  await desk.write('cdk.out/App.template.json', '{"Resources":{"Logs":{"Type":"AWS::Logs::LogGroup"}}}');
}

/** The first block of YAML on a page. */
function firstYaml({ blocks }: Page): string {
  return blocks.find(({ language }) => language === 'yaml')?.text ?? '';
}

function answered(words: readonly string[]): string[] {
  if (!ASKING.test(`${words.join(' ')} `)) return [...words];
  const isIrreversible = words[0] === 'apply' && words.includes('alibaba');
  return [...words, '--yes', ...(isIrreversible ? ['--confirm-irreversible', '2'] : [])];
}

/** The run that the last line of a journal is about. */
function lastRun({ directory }: Desk): string {
  const journals = join(directory, 'state/logseal');
  const lines = readdirSync(journals)
    .filter((name) => name.endsWith('.ndjson'))
    .flatMap((name) => readFileSync(join(journals, name), 'utf8').trim().split('\n'));
  return JSON.parse(lines.at(-1) ?? '{}').runId;
}
