import { isFields } from '../../domain/template/fields.ts';
import { intrinsicOf } from './evaluate.ts';
import type { WrittenTemplate } from './shape.ts';

/** A circle of resources that refer to each other, which CloudFormation refuses: their ids, the first one again at the end; null: none, or macros may take it apart. */
export function circleOf({ resources, isTransformed }: WrittenTemplate): readonly string[] | null {
  if (isTransformed) return null;
  const done = new Set<string>();
  for (const start of resources.keys()) {
    const circle = circleFrom(start, (id) => [...namesIn(resources.get(id)?.written, resources)], done);
    if (circle) return circle;
  }
  return null;
}

/** Does not recurse: a chain may be as long as a template has resources. */
function circleFrom(start: string, namesOf: (id: string) => string[], done: Set<string>): readonly string[] | null {
  if (done.has(start)) return null;
  const trail = new Map<string, string[]>([[start, namesOf(start)]]);
  const stack = [start];
  for (let id = stack.at(-1); id !== undefined; id = stack.at(-1)) {
    const next = trail.get(id)?.pop();
    if (next === undefined) {
      done.add(id);
      trail.delete(id);
      stack.pop();
    } else if (trail.has(next)) return [...stack.slice(stack.indexOf(next)), next];
    else if (!done.has(next)) {
      trail.set(next, namesOf(next));
      stack.push(next);
    }
  }
  return null;
}

/** The resources that a part of a template refers to. */
function namesIn(
  value: unknown,
  known: WrittenTemplate['resources'],
  names = new Set<string>(),
  seen = new Set<unknown>(),
): Set<string> {
  if (typeof value !== 'object' || value === null || seen.has(value)) return names;
  seen.add(value);
  const name = isFields(value) ? intrinsicOf(value) : undefined;
  const argument = name === undefined ? undefined : Object.values(value)[0];
  const add = (id: unknown) => typeof id === 'string' && known.has(id) && names.add(id);
  if (name === 'Ref') add(argument);
  if (name === 'Fn::GetAtt') add(Array.isArray(argument) ? argument[0] : String(argument).split('.')[0]);
  if (name === 'Fn::Sub') {
    const [text, variables] = [argument].flat() as [unknown, unknown];
    const own = isFields(variables) ? variables : {};
    for (const [, written = ''] of String(text).matchAll(/\$\{([^!}][^}]*)\}/g)) {
      const id = written.trim().split('.')[0] ?? '';
      if (!Object.hasOwn(own, id)) add(id);
    }
  }
  for (const [field, part] of Object.entries(value)) {
    if (field === 'DependsOn') for (const id of [part].flat()) add(id);
    namesIn(part, known, names, seen);
  }
  return names;
}
