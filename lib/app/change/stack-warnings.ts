import type { Step } from '../../domain/plan-step.ts';
import { problem, type StepWarning } from '../../domain/reasons.ts';
import { CloudError } from '../../errors.ts';
import type { Cloud } from '../ports.ts';

/** Tells of each step whether a CloudFormation stack owns its log store. */
export interface StackWarnings {
  addTo(steps: readonly Step[]): Promise<readonly Step[]>;
  /** Why it is not known; null: it is, or was not asked. */
  unknown(): string | null;
}

/** Asks once, when the first step is there. A question that fails adds no warning and stops no plan. @param signal ends it */
export function stackWarnings({ stacks }: Pick<Cloud, 'stacks'>, signal?: AbortSignal): StackWarnings {
  let asked: Promise<ReadonlyMap<string, string>> | undefined;
  let unknown: string | null = null;
  const ask = async (read: NonNullable<Cloud['stacks']>): Promise<ReadonlyMap<string, string>> => {
    try {
      const { stackOf, isComplete } = await read(signal);
      if (!isComplete)
        unknown = `of the log groups of stacks, only the first ${stackOf.size.toLocaleString('en')} were read`;
      return stackOf;
    } catch (error) {
      if (!(error instanceof CloudError)) throw error;
      unknown = `${error.call} failed: ${error.message}`;
      return new Map();
    }
  };
  return {
    async addTo(steps) {
      if (!stacks || steps.length === 0) return steps;
      asked ??= ask(stacks);
      const stackOf = await asked;
      return steps.map((step) => {
        const stack = stackOf.get(step.store.arn);
        return stack === undefined ? step : { ...step, warnings: [...step.warnings, managedBy(stack, step)] };
      });
    },
    unknown: () => unknown,
  };
}

function managedBy(stack: string, { store, toKeyArn }: Step): StepWarning {
  const to = toKeyArn === null ? '' : ` to ${toKeyArn}`;
  return problem(
    'MANAGED_BY_CLOUDFORMATION',
    `${store.name} belongs to the CloudFormation stack ${stack}`,
    `set KmsKeyId${to} in the template of the stack ${stack} (see docs/infrastructure-as-code.md)`,
  );
}
