import { createTwoFilesPatch } from 'diff';
import type { Colors } from './colors.ts';
import type { KeyRepairDocument } from './documents.ts';
import { problems } from './table.ts';

/** The unified difference of two key policies, both written alike so that spacing shows nowhere. */
export function policyDiff({ keyArn, from, to }: { keyArn: string; from: string; to: string }): string {
  return createTwoFilesPatch(`${keyArn} now`, `${keyArn} then`, indented(from), indented(to), undefined, undefined, {
    headerOptions: { includeIndex: false, includeUnderline: false, includeFileHeaders: true },
  });
}

function indented(policy: string): string {
  try {
    return `${JSON.stringify(JSON.parse(policy), null, 2)}\n`;
  } catch {
    return policy;
  }
}

/** As a terminal shows differences. */
export function paintDiff(diff: string, { red, green, cyan, bold }: Colors): string {
  const lines = diff.split('\n').map((line) => {
    if (line.startsWith('---') || line.startsWith('+++')) return bold(line);
    if (line.startsWith('@@')) return cyan(line);
    if (line.startsWith('+')) return green(line);
    return line.startsWith('-') ? red(line) : line;
  });
  return lines.join('\n');
}

/** What became of a repair. @param undo the command that takes it back */
export function keyRepairText({ run, repair }: KeyRepairDocument, paint: Colors, undo: string): string {
  const { keyArn, outcome, refusal, error, inEffect } = repair;
  switch (outcome) {
    case 'CHANGED': {
      const effect = inEffect
        ? 'KMS answers with the new policy; it can take minutes until it holds everywhere'
        : 'KMS does not answer with the new policy yet: look again before you rely on it';
      return `${paint.green('repaired')} ${keyArn} (run ${run.id})\n${effect}\nundo: ${undo}\n`;
    }
    case 'UNCHANGED':
      return `${paint.green('nothing to repair')}: the policy of ${keyArn} lets CloudWatch Logs use the key\n`;
    case 'REFUSED':
      return problems('Refused, and what fixes it', refusal ? [refusal] : [], paint);
    default:
      return `${paint.red(`FAILED: ${error?.code}`)}: ${error?.message}\n`;
  }
}
