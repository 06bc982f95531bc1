import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { paintDiff, policyDiff } from '../../lib/report/policy-diff.ts';
import { aKeyArn } from '../support/builders.ts';
import { BOLD, COLORED, CYAN, GREEN, PLAIN, RED } from './builders.ts';

const KEY = aKeyArn();

const FROM = '{"Version":"2012-10-17","Statement":[{"Sid":"Root"},{"Sid":"Old"}]}';
const TO = '{"Version":"2012-10-17","Statement":[{"Sid":"Root"},{"Sid":"New"}]}';

describe('the difference of two policies', () => {
  const diff = policyDiff({ keyArn: KEY, from: FROM, to: TO });

  it('is unified, with both indented alike', () => {
    const lines = diff.split('\n');

    expect(lines.slice(0, 2).map((line) => line.trim())).toEqual([`--- ${KEY} now`, `+++ ${KEY} then`]);
    expect(lines[2]).toMatch(/^@@ -\d+,\d+ \+\d+,\d+ @@$/);
    expect(lines.filter((line) => /^[-+] /.test(line))).toEqual(['-      "Sid": "Old"', '+      "Sid": "New"']);
    expect(diff).not.toContain('No newline');
  });

  it('does not show a difference in spacing', () => {
    const spaced = policyDiff({ keyArn: KEY, from: JSON.stringify(JSON.parse(FROM), null, 7), to: TO });

    expect(spaced).toBe(diff);
  });

  it('shows a text that is not JSON as it is', () => {
    expect(policyDiff({ keyArn: KEY, from: '{broken', to: TO })).toContain('-{broken\n');
  });

  it('has the usual colours of a difference', () => {
    const painted = paintDiff(diff, COLORED).split('\n');

    expect(painted[0]?.startsWith(`${BOLD}--- `)).toBe(true);
    expect(painted[1]?.startsWith(`${BOLD}+++ `)).toBe(true);
    expect(painted[2]?.startsWith(`${CYAN}@@`)).toBe(true);
    expect(painted.filter((line) => line.startsWith(RED))).toEqual([expect.stringContaining('-      "Sid": "Old"')]);
    expect(painted.filter((line) => line.startsWith(GREEN))).toEqual([expect.stringContaining('+      "Sid": "New"')]);
    expect(painted.filter((line) => line.startsWith(' '))).toEqual(
      diff.split('\n').filter((line) => line.startsWith(' ')),
    );
    expect(stripVTControlCharacters(painted.join('\n'))).toBe(diff);
    expect(paintDiff(diff, PLAIN)).toBe(diff);
  });
});
