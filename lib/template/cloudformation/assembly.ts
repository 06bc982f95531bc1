import { isFields, jsonOf } from '../../domain/template/fields.ts';
import { eachNoteOnce } from '../../domain/template/note.ts';
import type { FileKind, FileReading, ReadOptions, TemplateFile } from '../file-kind.ts';
import { readStack } from './kind.ts';
import type { StackPlace } from './stack.ts';

/** `manifest.json` in what `cdk synth` writes: it says which templates belong to the app, and where each is deployed. */
export const CLOUD_ASSEMBLY: FileKind = {
  what: 'the manifest.json of a CDK app',
  recognises: ({ path, text }) =>
    text !== null &&
    /(^|\/)manifest\.json$/.test(path) &&
    /"artifacts"\s*:/.test(text) &&
    /"type"\s*:\s*"(?:aws:cloudformation:stack|cdk:cloud-assembly)"/.test(text),
  read: (file, options) => readAssembly(file, options, { level: 0, left: { assemblies: MAX_ASSEMBLIES } }),
};

/** Choice: an assembly for each stage of a pipeline, and those nested in it. */
const MAX_LEVELS = 5;
/** Choice: in all of an app. */
const MAX_ASSEMBLIES = 500;

interface Depth {
  readonly level: number;
  readonly left: { assemblies: number };
}

async function readAssembly(file: TemplateFile, options: ReadOptions, depth: Depth): Promise<FileReading> {
  const wrong = (message: string): FileReading => ({
    declarations: [],
    mistakes: [{ file: file.path, line: null, message }],
    warnings: [],
  });
  const manifest = jsonOf(file.text ?? '');
  if (!isFields(manifest) || !isFields(manifest['artifacts']))
    return wrong('expected the manifest of a CDK app in JSON, got something else');
  const readings: FileReading[] = [];
  for (const [id, artifact] of Object.entries(manifest['artifacts'])) {
    if (!isFields(artifact) || !isFields(artifact['properties'])) continue;
    const { type, environment, properties } = artifact;
    const { templateFile, directoryName } = properties;
    if (type === 'aws:cloudformation:stack' && typeof templateFile === 'string') {
      const template = await options.open(file, templateFile);
      const place = placeIn(environment, options);
      readings.push(
        template
          ? await readStack(template, place, options)
          : wrong(`the template ${templateFile} of ${id} cannot be read`),
      );
    }
    if (type === 'cdk:cloud-assembly' && typeof directoryName === 'string') {
      if (depth.level >= MAX_LEVELS || depth.left.assemblies-- <= 0) {
        readings.push(
          wrong(`the assembly ${directoryName} is not read: assemblies are nested too deeply, or there are too many`),
        );
        continue;
      }
      const nested = await options.open(file, `${directoryName}/manifest.json`);
      readings.push(
        nested
          ? await readAssembly(nested, options, { ...depth, level: depth.level + 1 })
          : wrong(`the assembly ${directoryName} cannot be read`),
      );
    }
  }
  return {
    declarations: readings.flatMap(({ declarations }) => declarations),
    mistakes: eachNoteOnce(readings.flatMap(({ mistakes }) => mistakes)),
    warnings: eachNoteOnce(readings.flatMap(({ warnings }) => warnings)),
    parameters: readings.flatMap(({ parameters }) => parameters ?? []),
  };
}

/** `aws://111122223333/eu-west-1`, with `unknown-account` and `unknown-region` where the app leaves it to the user. */
function placeIn(environment: unknown, { region: givenRegion, account: givenAccount }: ReadOptions): StackPlace {
  const [, account = '', region = ''] = /^aws:\/\/([^/]*)\/([^/]*)$/.exec(String(environment)) ?? [];
  return {
    account: /^\d{12}$/.test(account) ? account : givenAccount,
    region: /^[a-z]+(-[a-z]+)+-\d+$/.test(region) ? region : givenRegion,
  };
}
