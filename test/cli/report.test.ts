import { expect, it } from 'vitest';
import { readArguments } from '../../cli/arguments.ts';
import type { Host } from '../../cli/host.ts';
import type { Output } from '../../cli/output.ts';
import { openReport, outputOptions } from '../../cli/report.ts';
import { anOutcome, NOW } from '../support/builders.ts';

it('writes a long page in parts, since a text of a million outcomes would be longer than a string can be', async () => {
  const host = { environment: {}, now: () => NOW } as unknown as Host;
  const written: string[] = [];
  const output = {
    isTerminal: false,
    write: async (text: string) => written.push(text),
    end: async () => {},
    publish() {},
  };
  const args = readArguments([], outputOptions('outcome'), host);
  const outputs = { all: [{ format: 'ndjson', output: output as unknown as Output }], screen: null, discard() {} };
  const outcomes = Array.from({ length: 2_500 }, (_, index) => anOutcome({ name: `/${index}` }));

  const report = await openReport('outcome', outputs, args, host);
  await report.page(outcomes);

  expect(written.map((text) => text.trimEnd().split('\n').length)).toEqual([1_000, 1_000, 500]);
  const names = written
    .join('')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).store.name);
  expect(names).toEqual(outcomes.map(({ store }) => store.name));
});
