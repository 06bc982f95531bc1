import { storeChanged } from '../../domain/evaluation.ts';
import type { Outcome } from '../../domain/plan-step.ts';
import type { Colors } from '../colors.ts';
import type { ReportOptions } from '../format.ts';
import { problemList } from '../problem-list.ts';
import { counted } from '../table.ts';

const FIX = 'nothing to do: the key that it has now was not set by this run, and undo leaves it';

/** Collects what was found when the changed log stores were read once more at the end of a run. */
export function afterRunNotes() {
  const changed = problemList();
  let changedCount = 0;
  let unreadCount = 0;
  /** The first one stands for all: they are read together. */
  let whyUnread = '';
  return {
    add({ store, outcome, fromKeyArn, toKeyArn, afterRun }: Outcome): void {
      if (afterRun?.status === 'CHANGED') {
        changedCount++;
        const given = outcome === 'ROLLED_BACK' ? fromKeyArn : toKeyArn;
        changed.add([storeChanged(store, given, afterRun.keyArn, 'after its change by this run', FIX)]);
      } else if (afterRun) {
        unreadCount++;
        whyUnread ||= afterRun.message;
      }
    },
    text(options: ReportOptions): string {
      const stores = counted(unreadCount, 'changed log store');
      const unread = `\nNot read once more at the end of the run, so that changes by somebody else are not known: ${stores} (${whyUnread})\n`;
      return `${changed.text('Changed again by somebody else during the run', options)}${unreadCount > 0 ? options.paint.yellow(unread) : ''}`;
    },
    /** Part of the summary; null: nothing to say. */
    summary: (paint: Colors): string | null =>
      changedCount > 0
        ? paint.red(`${changedCount.toLocaleString('en')} of them changed again by somebody else`)
        : null,
  };
}
