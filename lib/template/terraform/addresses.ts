/** A part of an address: a name, and the instance of it. */
export interface Step {
  readonly name: string;
  /** Of `count` a number, of `for_each` a text. Absent: there is none, or it is not known. */
  readonly index?: string | number;
}

const STEP = /([^.[\]"]+)|\[("(?:[^"\\]|\\.)*"|[^\]]*)\]/g;

/** @example `module.a["x.y"].aws_kms_key.logs[0].arn` */
export function stepsOf(address: string): Step[] {
  const steps: Step[] = [];
  for (const [, name, index] of address.matchAll(STEP)) {
    const last = steps.at(-1);
    if (name !== undefined) steps.push({ name });
    else if (last && index !== undefined) steps[steps.length - 1] = { ...last, ...indexOf(index) };
  }
  return steps;
}

function indexOf(text: string): Pick<Step, 'index'> {
  if (/^\d+$/.test(text)) return { index: Number(text) };
  if (!text.startsWith('"')) return {};
  try {
    return { index: String(JSON.parse(text)) };
  } catch {
    return { index: text.slice(1, -1) };
  }
}

/** The module calls in the address of a module, from the root. */
export function modulePath(address: string | undefined): Step[] {
  return partsOf(address ?? '').path;
}

/** The module calls in an address, from the root, and the steps within the last one. */
export function partsOf(address: string): { readonly path: Step[]; readonly own: Step[] } {
  const steps = stepsOf(address);
  const begin = steps.findIndex(({ name }, position) => position % 2 === 0 && name !== 'module');
  const own = begin === -1 ? steps.length : begin;
  return { path: steps.slice(0, own).filter((_, position) => position % 2 === 1), own: steps.slice(own) };
}

/** @example `module.a["x"].module.b` */
export function moduleAddress(path: readonly Step[]): string {
  return path.map((step) => `module.${stepText(step)}`).join('.');
}

/** A part of an address, as it is written. */
export function stepText({ name, index }: Step): string {
  return index === undefined ? name : `${name}[${JSON.stringify(index)}]`;
}

/** Where the configuration has a module, which is the same for all its instances. */
export function configPath(path: readonly Step[]): string {
  return path.map(({ name }) => name).join('.');
}
