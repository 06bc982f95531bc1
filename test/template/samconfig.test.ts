import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const text = readFileSync(resolve(import.meta.dirname, '../../samconfig.toml'), 'utf8').replaceAll(/ *#.*/g, '');

/** The lines of each table of samconfig.toml, by name. */
const tables = new Map(
  text.split(/^(?=\[)/m).flatMap((part) => {
    const [, name = '', lines = ''] = /^\[(.*)\]\n([\s\S]*)/.exec(part) ?? [];
    return name ? [[name, lines.trim().split('\n')] as const] : [];
  }),
);

it('a plain sam deploy says nothing of the mode, so that it leaves it as it is', () => {
  expect(tables.get('default.deploy.parameters')?.join()).not.toMatch(/Mode|parameter_overrides/);
});

it.each([
  ['audit', 'Audit'],
  ['enforce', 'Enforce'],
])('sam deploy --config-env %s deploys the same stack as a plain one, in the mode %s', (environment, mode) => {
  expect(tables.get(`${environment}.global.parameters`)).toEqual(tables.get('default.global.parameters'));
  expect(tables.get(`${environment}.deploy.parameters`)).toEqual([
    ...(tables.get('default.deploy.parameters') ?? []),
    `parameter_overrides = "Mode=${mode}"`,
  ]);
});
