import type { StoreReading } from '../../domain/log-store.ts';
import { type AfterRun, isChange, type Outcome } from '../../domain/plan-step.ts';
import { kindOf } from '../../domain/stores/index.ts';
import { CloudError } from '../../errors.ts';
import type { LogStores } from '../ports.ts';
import { chunksOf } from './chunks-of.ts';

/**
 * Reads what a run changed once more, and adds to an outcome what a person must know. Kinds of log stores that cannot be read
 * together are left out. Changes nothing.
 * @param signal once it is aborted, nothing more is read, and the outcomes say so
 */
export async function readAfterRun(
  outcomes: readonly Outcome[],
  logStores: LogStores,
  signal: Pick<AbortSignal, 'aborted'> | undefined,
): Promise<Outcome[]> {
  const changed = outcomes.filter((outcome) => isChange(outcome) && kindOf(outcome.store).isReadTogether);
  const found = new Map<Outcome, AfterRun>();
  for (const chunk of chunksOf(changed)) {
    const stores = chunk.map(({ store }) => store);
    const readings = signal?.aborted ? 'the run was interrupted' : await logStores.read(stores).catch(whyNot);
    for (const [index, outcome] of chunk.entries()) {
      const after = typeof readings === 'string' ? notRead(readings) : afterRun(outcome, readings[index]);
      if (after) found.set(outcome, after);
    }
  }
  return outcomes.map((outcome) => {
    const after = found.get(outcome);
    return after ? { ...outcome, afterRun: after } : outcome;
  });
}

function afterRun({ fromKeyArn, toKeyArn }: Outcome, reading: StoreReading | undefined): AfterRun | null {
  switch (reading?.status) {
    case 'FOUND': {
      const { keyArn } = reading.found;
      // The earlier key proves nothing: AWS may not show a change at once.
      return keyArn === toKeyArn || keyArn === fromKeyArn ? null : { status: 'CHANGED', keyArn };
    }
    case 'UNREADABLE':
      return notRead(reading.failure.message);
    case 'GONE':
    case undefined:
      return null;
  }
}

function notRead(message: string): AfterRun {
  return { status: 'NOT_READ', message };
}

function whyNot(error: unknown): string {
  if (error instanceof CloudError) return error.message;
  throw error;
}
