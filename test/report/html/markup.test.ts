import { describe, expect, it } from 'vitest';
import { html, inertJson, raw } from '../../../lib/report/html/markup.ts';
import { HOSTILE } from './hostile.ts';

describe('a template of HTML', () => {
  it('escapes text, in elements and attributes', () => {
    const name = `<b title='x'>&"`;

    expect(html`<p title="${name}">${name}</p>`.markup).toBe(
      '<p title="&lt;b title=&#39;x&#39;&gt;&amp;&quot;">&lt;b title=&#39;x&#39;&gt;&amp;&quot;</p>',
    );
  });

  it('writes out what hides or reorders text', () => {
    expect(html`${'\u202ea\u0000\u001b[31m'}`.markup).toBe('\\u202ea\\u0000\\u001b[31m');
  });

  it('takes templates, lists, numbers, and nothing', () => {
    expect(html`${html`<i>${1234}</i>`}${['a', html`<b>`]}${null}${undefined}${false}${0}${raw('&')}`.markup).toBe(
      '<i>1,234</i>a<b>0&',
    );
  });
});

describe('JSON in a script element', () => {
  it.each(HOSTILE)('%j comes back, and ends nothing', (text) => {
    const { markup } = inertJson({ text });

    expect(JSON.parse(markup)).toEqual({ text });
    expect(markup).not.toMatch(/[<\u2028\u2029]/);
  });
});
