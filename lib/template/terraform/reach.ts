import { inLogGroup } from '../../domain/template/in-log-group.ts';
import { configPath, moduleAddress, partsOf, type Step, stepText } from './addresses.ts';
import { type Configuration, configured, outputsOf, referencesIn } from './configuration.ts';
import { fieldIn } from './json.ts';
import { follow, type ResourceIndex } from './references.ts';

export const KEY_ATTRIBUTE = 'kms_key_id';

/** What to write in a resource so that it gets the ARN of a key, or of what finds a key. */
export interface Reach {
  /** How the module of the resource refers to the ARN; null: it cannot yet. */
  readonly reference: string | null;
  /** The attribute with the reference, or how it has to come about. */
  readonly attribute: string;
  /** How a log group gets the key: the attribute to write in it, or what to write in the block of its module. */
  readonly attach: string;
  /** Whether the inputs and the outputs of modules that it takes are there. */
  readonly isReady: boolean;
}

/**
 * A module sees only its own resources, the outputs of the modules that it calls, and its inputs.
 * @param id the address of the resource @param source the address of what has the ARN
 */
export function reach(index: ResourceIndex, id: string, source: string, attribute: string): Reach {
  const [to, from] = [partsOf(id), partsOf(source)];
  const { configuration } = index;
  const isSame = configPath(to.path) === configPath(from.path);
  const shared = isSame ? from.path.length : sharedLength(to.path, from.path);
  const own = [...from.own.map(stepText), attribute].join('.');
  const reference =
    from.path.length === shared ? own : outputWith(index, from.path.slice(0, shared + 1), source, attribute);
  const inputs = isSame ? [] : modulesBelow(to.path, shared);
  if (reference !== undefined && inputs.length === 0) return written(reference, `${KEY_ATTRIBUTE} = ${reference}`);
  const caller = shared === 0 ? 'the root module' : moduleAddress(to.path.slice(0, shared));
  const input = inputOf(configuration, id);
  if (reference !== undefined && inputs.length === 1 && input !== undefined) {
    const attach = `write in ${caller}, in the block of ${inputs[0]}: ${input} = ${reference}`;
    return { reference: null, attribute: `${KEY_ATTRIBUTE} = var.${input}`, attach, isReady: true };
  }
  const outputs = modulesBelow(from.path, shared).toReversed();
  const steps = [
    ...(reference === undefined ? [`an output of ${outputs.join(', then of ')}`] : []),
    ...(inputs.length > 0 ? [`an input of ${inputs.join(', then of ')}`] : []),
  ];
  const what = reference === undefined ? `the ${attribute} of ${source}` : `${reference} of ${caller}`;
  return written(null, `${KEY_ATTRIBUTE}, with ${what}, which has to come through ${steps.join(' and ')}`);
}

function written(reference: string | null, attribute: string): Reach {
  return { reference, attribute, attach: inLogGroup(attribute), isReady: reference !== null };
}

/** The modules of a path, each in the one before. */
function modulesBelow(path: readonly Step[], shared: number): string[] {
  return path.slice(shared).map((_, position) => moduleAddress(path.slice(0, shared + position + 1)));
}

function sharedLength(one: readonly Step[], other: readonly Step[]): number {
  const end = one.findIndex(
    ({ name, index }, position) => other[position]?.name !== name || other[position]?.index !== index,
  );
  return end === -1 ? one.length : end;
}

/** The output of a module that certainly has the attribute. */
function outputWith(
  index: ResourceIndex,
  path: readonly Step[],
  source: string,
  attribute: string,
): string | undefined {
  const from = { path, mode: 'managed', type: '', name: '', index: undefined } as const;
  const output = outputsOf(index.configuration, path).find(([, expression]) => {
    const { targets, open } = follow(index, from, expression);
    const [target, ...others] = targets;
    const isIt = target?.resource.address === source && target.attribute === attribute;
    return isIt && others.length === 0 && open.length === 0;
  });
  return output && `${moduleAddress(path.slice(-1))}.${output[0]}`;
}

/** The input of a module that gives a log group its key. */
export function inputOf(configuration: Configuration, id: string): string | undefined {
  const { path, own } = partsOf(id);
  const [{ name: type } = { name: '' }, { name } = { name: '' }] = own;
  const resource = configured(configuration, { path, mode: 'managed', type, name });
  const [reference = '', ...others] = referencesIn(fieldIn(fieldIn(resource, 'expressions'), KEY_ATTRIBUTE));
  return others.length === 0 ? /^var\.([\w-]+)$/.exec(reference)?.[1] : undefined;
}
