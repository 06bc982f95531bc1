import { configPath, moduleAddress, partsOf, type Step, stepText } from './addresses.ts';
import { type Configuration, configured, outputsOf, referencesIn } from './configuration.ts';
import { fieldIn } from './json.ts';

export const KEY_ATTRIBUTE = 'kms_key_id';

/** What to write in a resource so that it gets the ARN of a key, or of what finds a key. */
export interface Reach {
  /** How the module of the resource refers to the ARN; null: it cannot yet. */
  readonly reference: string | null;
  /** The attribute with the reference, or what has to be done. */
  readonly text: string;
}

/**
 * A module sees only its own resources, the outputs of the modules that it calls, and its inputs.
 * @param id the address of the resource @param source the address of what has the ARN
 */
export function reach(configuration: Configuration, id: string, source: string, attribute: string): Reach {
  const [to, from] = [partsOf(id), partsOf(source)];
  const isSame = configPath(to.path) === configPath(from.path);
  const shared = isSame ? from.path.length : sharedLength(to.path, from.path);
  let reference: string | undefined = [...from.own.map(stepText), attribute].join('.');
  let path = from.path;
  for (; path.length > shared && reference !== undefined; path = path.slice(0, -1)) {
    const output = outputsOf(configuration, path).find(([, expression]) => isOnly(expression, reference));
    reference = output && `${moduleAddress(path.slice(-1))}.${output[0]}`;
  }
  const inputs = isSame
    ? []
    : to.path.slice(shared).map((_, position) => moduleAddress(to.path.slice(0, shared + position + 1)));
  if (reference !== undefined && inputs.length === 0) return { reference, text: `${KEY_ATTRIBUTE} = ${reference}` };
  const caller = shared === 0 ? 'the root module' : moduleAddress(to.path.slice(0, shared));
  const input = inputOf(configuration, id);
  if (reference !== undefined && inputs.length === 1 && input !== undefined) {
    const text = `${KEY_ATTRIBUTE} = var.${input}, and give this input of ${inputs[0]} in ${caller}: ${input} = ${reference}`;
    return { reference: null, text };
  }
  const outputs = from.path
    .slice(shared)
    .map((_, position) => moduleAddress(from.path.slice(0, shared + position + 1)));
  const steps = [
    ...(reference === undefined ? [`an output of ${outputs.toReversed().join(', then of ')}`] : []),
    ...(inputs.length > 0 ? [`an input of ${inputs.join(', then of ')}`] : []),
  ];
  const what = reference === undefined ? `the ${attribute} of ${source}` : `${reference} of ${caller}`;
  return { reference: null, text: `${KEY_ATTRIBUTE}, with ${what}, which has to come through ${steps.join(' and ')}` };
}

function sharedLength(one: readonly Step[], other: readonly Step[]): number {
  const end = one.findIndex(
    ({ name, index }, position) => other[position]?.name !== name || other[position]?.index !== index,
  );
  return end === -1 ? one.length : end;
}

function isOnly(expression: unknown, reference: string | undefined): boolean {
  const references = referencesIn(expression);
  return references.length === 1 && references[0] === reference;
}

/** The input of a module that gives a log group its key. */
export function inputOf(configuration: Configuration, id: string): string | undefined {
  const { path, own } = partsOf(id);
  const [{ name: type } = { name: '' }, { name } = { name: '' }] = own;
  const resource = configured(configuration, { path, mode: 'managed', type, name });
  const [reference = '', ...others] = referencesIn(fieldIn(fieldIn(resource, 'expressions'), KEY_ATTRIBUTE));
  return others.length === 0 ? /^var\.([\w-]+)$/.exec(reference)?.[1] : undefined;
}
