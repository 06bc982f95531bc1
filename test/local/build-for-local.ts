import { readFile, writeFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import { build } from '../deploy/sam.ts';

/**
 * Builds the template for `sam local`. Its `--env-vars` sets only variables that the template declares, so the built copy
 * declares AWS_ENDPOINT_URL, which leads the functions to the sandbox.
 * @returns the path of the built template
 */
export async function buildForLocal(directory: string): Promise<string> {
  const builtTemplate = await build(directory);
  const template = parse(await readFile(builtTemplate, 'utf8'));
  template.Globals.Function.Environment.Variables.AWS_ENDPOINT_URL = '';
  await writeFile(builtTemplate, stringify(template));
  return builtTemplate;
}
