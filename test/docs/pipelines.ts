import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { parse } from 'yaml';
import { ROOT } from '../support/logseal.ts';

const GITHUB = v.object({
  on: v.unknown(),
  jobs: v.record(
    v.string(),
    v.object({ steps: v.array(v.object({ name: v.optional(v.string()), run: v.optional(v.string()) })) }),
  ),
});
const GITLAB = v.record(v.string(), v.object({ script: v.array(v.string()) }));

/** A pipeline that docs/ci.md shows. */
export interface Pipeline {
  readonly kind: 'GITHUB' | 'GITLAB';
  readonly yaml: string;
  /** What its jobs run in a shell each, by the name of the step or job. */
  readonly scripts: ReadonlyMap<string, string>;
}

/** The pipelines of docs/ci.md, in its order. @throws ValiError where one is of neither kind */
export async function readPipelines(): Promise<Pipeline[]> {
  const page = await readFile(join(ROOT, 'docs/ci.md'), 'utf8');
  return [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, yaml = '']) => ({ yaml, ...scriptsOf(parse(yaml)) }));
}

function scriptsOf(document: unknown): Omit<Pipeline, 'yaml'> {
  if (!v.is(GITHUB, document)) {
    const jobs = Object.entries(v.parse(GITLAB, document));
    return { kind: 'GITLAB', scripts: new Map(jobs.map(([name, { script }]) => [name, script.join('\n')])) };
  }
  const steps = Object.values(document.jobs).flatMap((job) => job.steps);
  return {
    kind: 'GITHUB',
    scripts: new Map(steps.flatMap(({ name = '', run }) => (run === undefined ? [] : [[name, run]]))),
  };
}
