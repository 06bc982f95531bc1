import { nameHint } from '../domain/stores/log-group.ts';
import { QUERY_RESULTS_NAME } from '../domain/stores/query-results.ts';
import { quoted } from './quoted.ts';

/** Signs of regular expressions that no name of a log store and no value of a tag has. */
const FOREIGN = /[\\^$()[\]{}|]/;

/** Why a glob is a regular expression by mistake, with the glob that was probably meant; undefined: it is none. */
export function globWarning(glob: string): string | undefined {
  // After a letter or digit, a dot and a star may well be meant: /v1.*
  const isExpression = FOREIGN.test(glob) || /(?<![A-Za-z0-9])\.[*+]/.test(glob);
  if (!isExpression) return undefined;
  const meant = globOf(glob);
  const hint =
    meant === undefined ? 'write each name that is meant as a glob of its own' : `was ${quoted(meant)} meant?`;
  const rule = '* alone stands for any characters, ? for one, and everything else for itself';
  return `${quoted(glob)} is a glob, but reads like a regular expression: ${rule}; ${hint}`;
}

/** Why a glob for names matches no log store, or is a regular expression by mistake; undefined: neither. */
export function nameGlobWarning(glob: string): string | undefined {
  const asExpression = globWarning(glob);
  if (asExpression !== undefined || glob === QUERY_RESULTS_NAME || !FOREIGN_TO_NAMES.test(glob)) return asExpression;
  const rule = 'the name of a log store has letters, digits and _ - / . # only';
  return `${quoted(glob)} can match nothing: ${rule}${nameHint(glob)}`;
}

/** What no name of any kind of log store has, and no glob for names. */
const FOREIGN_TO_NAMES = /[^A-Za-z0-9_/.#*?-]/;

/** The glob that matches what a simple regular expression matches; undefined: it is not obvious. */
function globOf(expression: string): string | undefined {
  const open = expression.startsWith('^') ? '' : '*';
  const close = /(?<!\\)\$$/.test(expression) ? '' : '*';
  const isAnchored = open === '' || close === '';
  const glob = expression
    .replace(/^\^|\$$/g, '')
    .replace(/\.\+\??/g, '?*')
    .replace(/\.\*\??/g, '*')
    .replace(/\\([./\-_#])/g, '$1');
  if (FOREIGN.test(glob) || glob.includes('+')) return undefined;
  return (isAnchored ? `${open}${glob}${close}` : glob).replace(/\*+/g, '*');
}
