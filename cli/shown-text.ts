import * as v from 'valibot';
import { printable } from '../lib/domain/printable.ts';

/** What is shown before a question: a control character in it could hide something. */
export const shownText = v.pipe(v.string(), v.regex(/^[^\p{Cc}\p{Cf}]*$/u, 'expected no control characters'));

/** The same, for what may have the words of a cloud in it, which must not keep a plan from being read. */
export const shownWords = v.pipe(v.string(), v.transform(printable));
