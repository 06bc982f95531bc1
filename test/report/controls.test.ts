import { expect, it } from 'vitest';
import { CONFIG_RULE, controlsOf, FRAMEWORKS, requirementsOf } from '../../lib/report/controls.ts';

it('log groups fall under the rule of AWS Config, and other log stores under none', () => {
  expect(controlsOf({ type: 'log-group' })).toEqual({ rule: CONFIG_RULE, frameworks: FRAMEWORKS });
  expect(controlsOf({ type: 'query-results' })).toBeNull();
  expect(controlsOf({ type: 'logstore' })).toBeNull();
});

it.each(FRAMEWORKS.map(({ name, ...framework }) => [name, framework] as const))(
  '%s has controls, and a page of AWS that says so',
  (_, { controls, source }) => {
    expect(controls.length).toBeGreaterThan(0);
    expect(source).toMatch(
      /^https:\/\/docs\.aws\.amazon\.com\/config\/.*\/operational-best-practices-for-[\w-]+\.html$/,
    );
  },
);

it('names each control with its framework', () => {
  expect(requirementsOf([{ name: 'A', controls: ['1', '2'], source: '' }])).toEqual(['A 1', 'A 2']);
  // Security Hub takes at most 32.
  expect(requirementsOf(FRAMEWORKS).length).toBeLessThanOrEqual(32);
});
