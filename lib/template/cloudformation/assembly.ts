import { isFields, jsonOf } from '../../domain/template/fields.ts';
import type { FileKind, FileReading, ReadOptions, TemplateFile } from '../file-kind.ts';
import { readExporter, readStack } from './kind.ts';
import type { Stack, StackPlace } from './stack.ts';

/** `manifest.json` in what `cdk synth` writes: it says which templates belong to the app, and where each is deployed. */
export const CLOUD_ASSEMBLY: FileKind = {
  what: 'the manifest.json of a CDK app',
  recognises: ({ path, text }) =>
    text !== null &&
    /(^|\/)manifest\.json$/.test(path) &&
    /"artifacts"\s*:/.test(text) &&
    /"type"\s*:\s*"(?:aws:cloudformation:stack|cdk:cloud-assembly)"/.test(text),
  partsOf: (file) => (artifactsIn(file) ?? []).map(({ path }) => path),
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
  const artifacts = artifactsIn(file);
  if (!artifacts) return wrong('expected the manifest of a CDK app in JSON, got something else');
  /** The stacks of the app in an account and a Region, each read once more for its exports. */
  const exporters = new Map<unknown, readonly Stack[]>();
  const exportersIn = async (environment: unknown): Promise<readonly Stack[]> => {
    const known = exporters.get(environment);
    if (known) return known;
    const found: Stack[] = [];
    for (const { id, path } of artifacts.filter(({ stack }) => stack?.environment === environment)) {
      const part = await options.open(file, path);
      const stack = part && (await readExporter(part, placeIn(environment, options), options, id));
      if (stack) found.push(stack);
    }
    exporters.set(environment, found);
    return found;
  };
  const readings: FileReading[] = [];
  const parts: string[] = [];
  for (const { id, path, stack } of artifacts) {
    if (!stack && (depth.level >= MAX_LEVELS || depth.left.assemblies-- <= 0)) {
      readings.push(wrong(`the assembly ${id} is not read: assemblies are nested too deeply, or there are too many`));
      continue;
    }
    const part = await options.open(file, path);
    if (!part) {
      readings.push(wrong(`the ${stack ? 'template' : 'manifest'} ${path} of ${id} cannot be read`));
      continue;
    }
    parts.push(part.path);
    readings.push(
      stack
        ? await readStack(part, placeIn(stack.environment, options), options, () => exportersIn(stack.environment))
        : await readAssembly(part, options, { ...depth, level: depth.level + 1 }),
    );
  }
  return {
    declarations: readings.flatMap(({ declarations }) => declarations),
    mistakes: readings.flatMap(({ mistakes }) => mistakes),
    warnings: readings.flatMap(({ warnings }) => warnings),
    parts: [...parts, ...readings.flatMap(({ parts: own }) => own ?? [])],
    parameters: readings.flatMap(({ parameters }) => parameters ?? []),
  };
}

interface Artifact {
  readonly id: string;
  /** The template of a stack, or the manifest of an assembly. */
  readonly path: string;
  /** null: it is an assembly. */
  readonly stack: { readonly environment: unknown } | null;
}

/** The stacks and the assemblies that a manifest names; undefined: it is no manifest. */
function artifactsIn({ text }: TemplateFile): readonly Artifact[] | undefined {
  const manifest = jsonOf(text ?? '');
  if (!isFields(manifest) || !isFields(manifest['artifacts'])) return undefined;
  return Object.entries(manifest['artifacts']).flatMap(([id, artifact]): Artifact[] => {
    if (!isFields(artifact) || !isFields(artifact['properties'])) return [];
    const { type, environment, properties } = artifact;
    const { templateFile, directoryName } = properties;
    if (type === 'aws:cloudformation:stack' && typeof templateFile === 'string')
      return [{ id, path: templateFile, stack: { environment } }];
    return type === 'cdk:cloud-assembly' && typeof directoryName === 'string'
      ? [{ id, path: `${directoryName}/manifest.json`, stack: null }]
      : [];
  });
}

/** `aws://111122223333/eu-west-1`, with `unknown-account` and `unknown-region` where the app leaves it to the user. */
function placeIn(environment: unknown, { region: givenRegion, account: givenAccount }: ReadOptions): StackPlace {
  const [, account = '', region = ''] = /^aws:\/\/([^/]*)\/([^/]*)$/.exec(String(environment)) ?? [];
  return {
    account: /^\d{12}$/.test(account) ? account : givenAccount,
    region: /^[a-z]+(-[a-z]+)+-\d+$/.test(region) ? region : givenRegion,
  };
}
