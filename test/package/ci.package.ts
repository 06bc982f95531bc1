import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { type Pipeline, readPipelines } from '../docs/pipelines.ts';
import { aLogsPolicy } from '../support/builders.ts';
import { DEMO } from '../support/logseal.ts';
import { ARCHIVE, anEmptyDirectory, runLine } from './installed.ts';

/** The steps that end with another exit status than 0, since the world of the test has findings. */
const STATUS: Readonly<Record<string, number>> = { Scan: 3, 'log group encryption': 3 };

/** Runs each script of a pipeline in a directory that is as its checkout, with the variables that the runner sets. */
async function runPipeline({ scripts }: Pipeline): Promise<{ read: (name: string) => Promise<string> }> {
  const directory = await anEmptyDirectory();
  await copyFile(ARCHIVE, join(directory, basename(ARCHIVE)));
  await mkdir(join(directory, 'policies'));
  await writeFile(join(directory, 'policies/logs.json'), aLogsPolicy());
  const sandbox = await startSandbox({ world: DEMO });
  onTestFinished(() => sandbox.close());
  const environment = {
    ...sandbox.environment(),
    PATH: [join(directory, '.global/bin'), process.env['PATH']].join(delimiter),
    GITHUB_STEP_SUMMARY: join(directory, 'summary.md'),
    AWS_ID_TOKEN: 'token',
  };
  for (const [name, script] of scripts) {
    const { status, stderr } = await runLine(script, directory, environment);
    expect({ name, status, stderr }).toEqual({ name, status: STATUS[name] ?? 0, stderr: '' });
  }
  return { read: (name) => readFile(join(directory, name), 'utf8') };
}

describe('a pipeline of docs/ci.md runs as it is shown', () => {
  let [scan, policies, gitlab]: (Pipeline | undefined)[] = [];
  beforeAll(async () => {
    [scan, policies, gitlab] = await readPipelines();
  });

  it('the scan on GitHub writes the summary and the artifacts', async () => {
    const { read } = await runPipeline(present(scan));

    expect(await read('summary.md')).toContain('/app/web');
    expect(JSON.parse(await read('logseal.json'))).toMatchObject({ schema: 'logseal/scan/1' });
    expect(await read('logseal.html')).toMatch(/<\/html>\s*$/i);
  });

  it('the check of key policies on GitHub writes SARIF', async () => {
    const { read } = await runPipeline(present(policies));

    expect(JSON.parse(await read('policies.sarif'))).toMatchObject({ version: '2.1.0' });
  });

  it('the scan on GitLab writes a JUnit report', async () => {
    const { read } = await runPipeline(present(gitlab));

    expect(await read('logseal.xml')).toContain('<testsuite');
  });
});

function present(pipeline: Pipeline | undefined): Pipeline {
  if (!pipeline) throw new Error('docs/ci.md has another number of pipelines');
  return pipeline;
}
