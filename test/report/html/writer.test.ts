import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { problem } from '../../../lib/domain/reasons.ts';
import type { ScanTotals } from '../../../lib/report/documents.ts';
import { ARN_PLACE, KEY_PLACE, NAME_PLACE, type ReportData } from '../../../lib/report/html/report-data.ts';
import { aFinding, aKeyArn, aLogGroup, aReport } from '../../support/builders.ts';
import { FINDINGS, scanTotals } from '../builders.ts';
import { aHostileWorld } from './hostile.ts';
import { rendered } from './render.ts';
import { aScanWorld } from './world.ts';

function reportOf(findings = FINDINGS, totals: Partial<ScanTotals> = {}, maxFindings?: number): string {
  return rendered({ findings, totals: scanTotals(findings, totals) }, maxFindings);
}

function dataOf(report: string): ReportData {
  return JSON.parse(/<script type="application\/json" id="report-data">(.*?)<\/script>/s.exec(report)?.[1] ?? '');
}

/** What a person reads, without the list of findings. */
function textOf(report: string): string {
  const [body = ''] = /<body>.*(?=<script type="application\/json")/s.exec(report) ?? [];
  return body.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
}

const heading = (report: string) => /<h1 class="(\w+)">(.*?)<\/h1>/.exec(report)?.slice(1);

describe('the HTML report', () => {
  it('admits its own script and style, and nothing else', () => {
    const report = reportOf();
    const policy = /http-equiv="Content-Security-Policy" content="(.*?)"/.exec(report)?.[1] ?? '';
    const hash = (element: string) => {
      const [, text = ''] = new RegExp(`<${element}>(.*?)</${element}>`, 's').exec(report) ?? [];
      return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    };

    expect(policy).toBe(
      `default-src 'none'; script-src ${hash('script')}; style-src ${hash('style')}; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'`,
    );
    expect(report).not.toMatch(/ (style|on\w+)="/);
    expect(report).not.toMatch(/(src|href)="(?!#)/);
  });

  it('is the same however its findings come', () => {
    const world = aScanWorld({ stores: 300 });

    expect(rendered(world, undefined, 7)).toBe(rendered(world));
  });

  it('has the findings with the worst first, and what they have in common once', () => {
    const { rows, facts, keys, problems } = dataOf(reportOf());

    expect(rows.names).toEqual(['/dead', '/none', '/secret', '/warned', '/fine']);
    expect(facts[rows.facts[0] ?? -1]?.slice(0, 2)).toEqual(['NON_COMPLIANT', 'HIGH']);
    expect(keys).toEqual([aKeyArn('dead'), aKeyArn('secret'), aKeyArn()]);
    expect(new Set(problems.map(({ code }) => code)).size).toBe(problems.length);
  });

  it('keeps a message once where it differs in the log store and its key alone', () => {
    const findings = ['/one', '/two'].map((name, index) => {
      const [{ arn }, keyArn] = [aLogGroup(name), aKeyArn(`key-${index}`)];
      return aFinding({
        ...aLogGroup(name),
        keyArn,
        reasons: [problem('KEY_DISABLED', `${keyArn} of ${name}`, `see ${arn}`)],
      });
    });

    expect(dataOf(reportOf(findings)).problems).toEqual([
      { code: 'KEY_DISABLED', severity: 'HIGH', message: `${KEY_PLACE} of ${NAME_PLACE}`, fix: `see ${ARN_PLACE}` },
    ]);
  });

  it('leaves out the least bad beyond its limit, says so, and counts them all the same', () => {
    const report = reportOf(FINDINGS, {}, 2);

    expect(dataOf(report).rows.names).toEqual(['/dead', '/none']);
    expect(textOf(report)).toContain('This list has the worst 2. 3 findings that are no worse are left out here');
    expect(textOf(report)).toContain('5 log stores in account 111122223333');
  });
});

describe('the headline', () => {
  const fine = FINDINGS.slice(0, 1);
  const failed = aReport({ status: 'FAILED', error: { code: 'ACCESS_DENIED', message: 'no' }, stores: 0 });

  it.each<[string, string, readonly (typeof FINDINGS)[number][], Partial<ScanTotals>]>([
    ['bad', '3 log stores need attention', FINDINGS, {}],
    ['good', 'Every log store is compliant', fine, {}],
    [
      'bad',
      '1 log store has a key whose policy may stop the service',
      FINDINGS.filter(({ name }) => name === '/warned'),
      {},
    ],
    ['plain', 'No log store was found', [], {}],
    ['bad', 'Nothing was scanned', [], { targets: [failed] }],
    ['bad', 'The scan is not complete', fine, { targets: [aReport(), failed] }],
    ['good', 'No problem in the selected log stores', fine, { summary: { ...scanTotals(fine).summary, filtered: 4 } }],
    ['good', 'Every log store is compliant or exempt', fine, { summary: { ...scanTotals(fine).summary, exempt: 1 } }],
  ])('is %s: %s', (mood, text, findings, totals) => {
    expect(heading(reportOf(findings, totals))).toEqual([mood, text]);
  });
});

describe('the line below the headline', () => {
  it('has the accounts that were scanned, and counts the others', () => {
    const error = { code: 'ROLE_REFUSED', message: 'no' } as const;
    const failed = ['2', '3'].map((account) => aReport({ account, status: 'FAILED', stores: 0, error }));

    expect(textOf(reportOf(FINDINGS, { targets: [aReport(), ...failed] }))).toContain(
      '5 log stores in account 111122223333 and Region eu-west-1, scanned on ',
    );
    expect(textOf(reportOf(FINDINGS, { targets: [aReport(), ...failed] }))).toContain(
      '; 2 other accounts were not scanned',
    );
    expect(textOf(reportOf([], { targets: failed }))).toContain('; 2 accounts were not scanned');
    expect(textOf(reportOf(FINDINGS))).not.toMatch(/accounts? (was|were) not scanned/);
  });
});

it('a command that takes credentials of another account is beside the id of that account', () => {
  const fix = `in account 444455556666: aws kms enable-key --key-id ${aKeyArn()} --region eu-west-1`;

  const text = textOf(reportOf([aFinding({ reasons: [problem('KEY_DISABLED', 'it is disabled', fix)] })]));

  expect(text).toContain('Run this in account 444455556666, with credentials of that account. ');
});

describe('what nobody may miss', () => {
  it('is a target that failed: it never looks compliant, and its message and fix are there', () => {
    const error = { code: 'ACCESS_DENIED', message: 'not authorized to perform: logs:DescribeLogGroups' } as const;
    const targets = [aReport(), aReport({ region: 'us-east-1', status: 'FAILED', error, stores: 350 })];
    const report = reportOf(FINDINGS.slice(0, 1), { targets });

    expect(textOf(report)).toContain('1 of 2 targets could not be scanned completely.');
    expect(textOf(report)).toContain('Not scanned completely: stopped after 350 log stores');
    expect(textOf(report)).toContain('ACCESS_DENIED: not authorized to perform: logs:DescribeLogGroups');
    expect(textOf(report)).toContain('Partial: at least one target was not scanned completely.');
    expect(report).toContain(
      '<td class="failed" tabindex="-1" title="not scanned completely; 0 of 0 compliant">failed',
    );
    expect(textOf(report)).toContain('compliant of what could be read');
  });

  it('is an account whose Regions could not be listed: no Region is named', () => {
    const error = { code: 'ACCESS_DENIED', message: 'no account:ListRegions' } as const;
    const unlisted = aReport({ status: 'FAILED', stores: 0, error });
    const regionIn = (report: string) => /data-label="Region" class="place">(.*?)</.exec(report)?.[1];

    expect(regionIn(reportOf([], { targets: [{ ...unlisted, regionsUnlisted: true }] }))).toBe('not known');
    expect(regionIn(reportOf([], { targets: [unlisted] }))).toBe('eu-west-1');
  });

  it('is a configuration that could not be read', () => {
    expect(textOf(reportOf(FINDINGS, { config: 'UNREADABLE' }))).toContain(
      'The configuration could not be read completely.',
    );
  });

  it('is what the selection left out', () => {
    const summary = { ...scanTotals(FINDINGS).summary, filtered: 12 };

    expect(textOf(reportOf(FINDINGS, { summary }))).toContain('12 log stores were left out by --include or --exclude.');
  });

  it('is a key that will be deleted, with its day and its log stores', () => {
    const text = textOf(rendered(aScanWorld({ stores: 1_000 })));

    expect(text).toMatch(
      /5 December 2026 14 days after the scan \d+ log stores under the key \S+ \. What was encrypted under .* will be lost/,
    );
    expect(text).toContain('aws kms cancel-key-deletion --key-id');
  });
});

describe('the sections for an auditor', () => {
  it('say who scanned what and when', () => {
    const caller = 'arn:aws:sts::111122223333:assumed-role/audit/ada';
    const text = textOf(reportOf(FINDINGS, { targets: [aReport({ caller, stores: 5 })] }));

    expect(text).toContain(`Scanned by ${caller}`);
    expect(text).toContain('Begun 21 November 2026 at 00:00 UTC');
    expect(text).toContain('6d1d9e0c-0000-4000-8000-000000000000');
  });

  it('list each exemption with its owner, its end and what to know of it, and those that are built in', () => {
    const builtIn = { id: 'aws-reserved', reason: 'belongs to AWS', owner: 'AWS', expires: null };
    const findings = [aFinding({ status: 'EXEMPT', exemption: builtIn })];
    const use = { id: 'legacy', reason: 'Moves soon', owner: 'ops@example.com', expires: '2027-03-31', stores: 0 };
    const text = textOf(reportOf(findings, { exemptions: [{ ...use, notices: ['UNMATCHED'] }], config: 'READ' }));

    expect(text).toContain('legacy unmatched ops@example.com 31 March 2027 Moves soon 0 0');
    expect(text).toContain('aws-reserved AWS no end, built in belongs to AWS 1 1');
    expect(text).toContain('unmatched : no log store that was scanned matches it');
  });

  it('tell a key of yours from one of the cloud', () => {
    const text = textOf(reportOf());

    expect(text).toMatch(/Under a key of yours 1 .*Encrypted by the cloud’s own key 1 /);
  });
});

it('hostile text stays text', () => {
  const report = rendered(aHostileWorld());
  const [body = ''] = /<body>.*/s.exec(report) ?? [];

  expect(body.match(/<script/g)).toHaveLength(2);
  expect(/<(img|style|iframe|base|link)/.exec(body)).toBeNull();
  expect(/(?![\n])[\p{Cc}\p{Cf}]/u.exec(report)).toBeNull();
});
