import { AFTER_DEPLOYMENT, couldEqual, isKnown, type UnknownValue, unknownsIn } from '../../domain/template/unknown.ts';

/** Two texts of which it is not known before the deployment whether they are equal. */
export interface OpenQuestion {
  readonly one: string;
  readonly other: string;
}

/** One way in which the questions that are open may be answered. */
export class World {
  private readonly answers: ReadonlyMap<string, { readonly question: OpenQuestion; readonly isEqual: boolean }>;
  /** What was evaluated in it, by whatever name its user gives it. */
  readonly known = new Map<string, unknown>();
  private readonly forks = new Map<string, readonly [World, World]>();

  constructor(answers: World['answers'] = new Map()) {
    this.answers = answers;
  }

  /** Whether two texts are equal of which at least one is not known. @throws Fork where that is still open */
  mayEqual(one: string, other: string): boolean {
    const question = { one, other };
    const answer = this.answers.get(idOf(question));
    if (answer) return answer.isEqual;
    if (!couldEqual(one, other) || !mayHold(one, other) || !mayHold(other, one) || this.equalsAnother(question))
      return false;
    throw new Fork(question);
  }

  /** Whether one of the texts is equal to a known one already, and the other is another known one. */
  private equalsAnother({ one, other }: OpenQuestion): boolean {
    const [unknown, known] = isKnown(one) ? [other, one] : [one, other];
    if (!isKnown(known)) return false;
    return [...this.answers.values()].some(({ question, isEqual }) => {
      const sides = [question.one, question.other];
      return isEqual && sides.includes(unknown) && sides.some((side) => isKnown(side) && side !== known);
    });
  }

  /** Both worlds in which a question is answered, the same ones each time. */
  fork(question: OpenQuestion): readonly [World, World] {
    const id = idOf(question);
    const answered = (isEqual: boolean) => new World(new Map([...this.answers, [id, { question, isEqual }]]));
    const worlds = this.forks.get(id) ?? ([answered(true), answered(false)] as const);
    this.forks.set(id, worlds);
    return worlds;
  }
}

/** Thrown where an evaluation meets an open question. No Error: nothing is wrong. */
export class Fork {
  readonly question: OpenQuestion;

  constructor(question: OpenQuestion) {
    this.question = question;
  }
}

function idOf({ one, other }: OpenQuestion): string {
  return [one, other].sort().join('\n');
}

/** Whether each unknown value of one text may be a part of the other one, where that is known. */
function mayHold(one: string, other: string): boolean {
  return !isKnown(other) || unknownsIn(one).every((value) => mayBeIn(other, value));
}

/** Whether a value may be a part of a text. What AWS makes is never empty, as conditions ask of optional parameters. */
function mayBeIn(text: string, { written, settledBy }: UnknownValue): boolean {
  if (settledBy !== AFTER_DEPLOYMENT) return true;
  return written.endsWith('.Arn') ? text.includes('arn:') : text !== '';
}

/** What something is in every world that may come to be. */
export interface EveryWorld<T> {
  readonly values: readonly T[];
  /** What it depends on, as the file writes it; none: there is one world. */
  readonly dependsOn: readonly string[];
  readonly settledBy: readonly string[];
  /** Whether there are too many worlds, so that some are missing. */
  readonly isCutOff: boolean;
}

/** Choice: five questions that are all open at once. */
const MAX_WORLDS = 32;

/** Evaluates something in every world that it depends on. @param first without any answer; it is used again for what depends on none */
export function inEveryWorld<T>(first: World, run: (world: World) => T): EveryWorld<T> {
  const open = [first];
  const values: T[] = [];
  const questions: OpenQuestion[] = [];
  for (let runs = 0; open.length > 0 && runs < 2 * MAX_WORLDS; runs++) {
    const world = open.pop() as World;
    try {
      values.push(run(world));
    } catch (error) {
      if (!(error instanceof Fork)) throw error;
      questions.push(error.question);
      open.push(...world.fork(error.question));
    }
  }
  const unknowns = questions.flatMap(({ one, other }) => [...unknownsIn(one), ...unknownsIn(other)]);
  const each = (of: (unknown: (typeof unknowns)[number]) => string) => [...new Set(unknowns.map(of))];
  return {
    values,
    dependsOn: each(({ written }) => written),
    settledBy: each(({ settledBy }) => settledBy),
    isCutOff: open.length > 0,
  };
}
