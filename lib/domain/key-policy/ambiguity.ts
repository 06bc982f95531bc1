import type { Refusal } from '../reasons.ts';
import type { Statement } from './parse.ts';
import { statementQuote } from './statement-name.ts';

/** What would be lost, or changed by mistake, if a policy were written again; and how a person clears it up. */
export type Ambiguity = Pick<Refusal, 'message' | 'fix'>;

/** Why a policy cannot be written again without a decision that only a person can make; null: it can. */
export function ambiguityOf({
  text,
  statements,
}: {
  readonly text: string;
  readonly statements: readonly Statement[];
}): Ambiguity | null {
  return repeatedName(text) ?? repeatedSid(statements);
}

/** Where a field stands twice, only the last one counts (docs/key-policy-rules.md#rule-19): writing the policy would drop the first. */
function repeatedName(text: string): Ambiguity | null {
  const open: Set<unknown>[] = [];
  for (const [token, string, colon] of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (string !== undefined && colon !== undefined) {
      const name: unknown = JSON.parse(string);
      if (open.at(-1)?.has(name)) {
        const message = `an object in the key policy has two fields called ${string}, and only the last one counts`;
        return { message, fix: `remove one of the two fields called ${string}` };
      }
      open.at(-1)?.add(name);
    }
  }
  return null;
}

/** An empty Sid does not count: Terraform writes one into every statement that has no Sid. */
function repeatedSid(statements: readonly Statement[]): Ambiguity | null {
  const seen = new Set<string>();
  for (const { sid } of statements) {
    if (sid && seen.has(sid)) {
      const names = statements.filter((each) => each.sid === sid).map(statementQuote);
      return { message: `${names.join(' and ')} have the same Sid`, fix: 'give each statement its own Sid' };
    }
    if (sid) seen.add(sid);
  }
  return null;
}
