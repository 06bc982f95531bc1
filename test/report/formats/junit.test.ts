import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../lib/domain/finding.ts';
import { problem } from '../../../lib/domain/reasons.ts';
import { aDenyingPolicy, aFinding, aLogGroup, aReport, OTHER_ACCOUNT } from '../../support/builders.ts';
import { aLogGroupVerdict, aWriter, FINDINGS, scanTotals, written } from '../builders.ts';
import { junitMistakes } from '../junit-schema.ts';

const exemption = { id: 'vendor', reason: 'it cannot', owner: 'a@example.com', expires: '2027-03-31' };
const EXEMPT = aFinding({ ...aLogGroup('/exempt'), status: 'EXEMPT', exemption });
const ELSEWHERE = aFinding({ ...aLogGroup('/elsewhere', { account: OTHER_ACCOUNT, region: 'us-east-1' }) });
const ALL = [...FINDINGS, EXEMPT, ELSEWHERE];

/** The test case of a name, whole. */
const caseOf = (text: string, name: string) =>
  new RegExp(`<testcase name="${name}"(?:[^>]*/>|[\\s\\S]*?</testcase>)`).exec(text)?.[0];

const FAILED = aReport({
  region: 'eu-north-1',
  status: 'FAILED',
  error: { code: 'ACCESS_DENIED', message: '<no> & "never"' },
});

describe('junit is valid by the schema of Jenkins', () => {
  it('with findings of every kind, with none, and with targets that were not scanned', async () => {
    const policy = { file: 'key.json', text: '{}', subject: aLogGroup().arn };
    const { logGroupArn: _, ...verdict } = aLogGroupVerdict('/a', aDenyingPolicy());
    const documents = [
      written('scan', 'junit', [ALL], scanTotals(ALL, { targets: [aReport(), FAILED] })),
      written('scan', 'junit', [], scanTotals([])),
      written('scan', 'junit', [[]], scanTotals([], { targets: [FAILED] })),
      written('policy-verdict', 'junit', [], verdict, { policy }),
      written('policy-verdicts', 'junit', [[aLogGroupVerdict('/a'), aLogGroupVerdict('/b', '{')]], {}, { policy }),
    ];

    expect(await junitMistakes(documents)).toEqual([]);
  });

  it('and the schema sees what is wrong', async () => {
    expect(await junitMistakes(['<testsuites><testsuite name="x"/></testsuites>'])).not.toEqual([]);
  });
});

describe('junit of a scan', () => {
  const text = written('scan', 'junit', [ALL], scanTotals(ALL));

  it.each([
    ['COMPLIANT passes', '/fine', '<testcase name="/fine" classname="aws.111122223333.eu-west-1"/>'],
    [
      'NON_COMPLIANT is a failure with the worst reason first, and every reason and fix',
      '/dead',
      '<testcase name="/dead" classname="aws.111122223333.eu-west-1"><failure type="KEY_DISABLED" message="the message of KEY_DISABLED">HIGH KEY_DISABLED: the message of KEY_DISABLED\nfix: the fix of KEY_DISABLED\nHIGH KEY_WRONG_USAGE: the message of KEY_WRONG_USAGE\nfix: the fix of KEY_WRONG_USAGE</failure></testcase>',
    ],
    [
      'UNKNOWN is an error',
      '/secret',
      '<testcase name="/secret" classname="aws.111122223333.eu-west-1"><error type="KEY_UNREADABLE" message="the message of KEY_UNREADABLE">MEDIUM KEY_UNREADABLE: the message of KEY_UNREADABLE\nfix: the fix of KEY_UNREADABLE</error></testcase>',
    ],
    [
      'EXEMPT is skipped, with the exemption',
      '/exempt',
      '<testcase name="/exempt" classname="aws.111122223333.eu-west-1"><skipped type="NO_KEY" message="exempt by vendor until 2027-03-31, owner a@example.com: it cannot">MEDIUM NO_KEY: the message of NO_KEY\nfix: the fix of NO_KEY</skipped></testcase>',
    ],
    [
      'a warning fails nothing',
      '/warned',
      '<testcase name="/warned" classname="aws.111122223333.eu-west-1"><system-out>warning: HIGH KEY_POLICY_DENIES: it denies\nfix: stop it</system-out></testcase>',
    ],
  ])('%s', (_, name, expected) => {
    expect(caseOf(text, name)).toBe(expected);
  });

  it('has a suite for each account and Region of a page, with its counts', () => {
    expect(text.match(/<testsuite .*/g)).toEqual([
      '<testsuite name="111122223333 eu-west-1" tests="6" failures="2" errors="1" skipped="1">',
      '<testsuite name="444455556666 us-east-1" tests="1" failures="1" errors="0" skipped="0">',
    ]);
  });

  it('keeps nothing: each page is written at once', () => {
    const writer = aWriter('scan', 'junit');
    writer.begin();

    for (const { name } of FINDINGS) expect(writer.page(named(name))).toContain(`<testcase name="${name}"`);
    expect(writer.end(scanTotals(FINDINGS))).toBe('</testsuites>\n');
  });

  const named = (name: string): Finding[] => FINDINGS.filter((finding) => finding.name === name);

  it('has an error for each target that was not scanned completely', () => {
    const partial = written('scan', 'junit', [[]], scanTotals([], { targets: [aReport(), FAILED] }));

    expect(partial).toContain(
      '<testsuite name="111122223333 eu-north-1" tests="1" failures="0" errors="1" skipped="0">',
    );
    expect(caseOf(partial, 'is scanned completely')).toContain(
      '<error type="ACCESS_DENIED" message="eu-north-1 was not scanned completely: stopped after 1 log store: ACCESS_DENIED: &lt;no&gt; &amp; &quot;never&quot;">',
    );
  });

  it('writes characters that no XML document can hold in another way', () => {
    const finding = aFinding({ reasons: [problem('NO_KEY', 'a\u0000\u001b\ud800\uffffb', 'fix')] });

    expect(written('scan', 'junit', [[finding]], scanTotals([finding]))).toContain(
      'message="a\\u0000\\u001b\ufffd\ufffdb"',
    );
  });
});

describe('junit of a key policy', () => {
  const policy = { file: 'keys/key.json', text: '{}', subject: aLogGroup('/a').arn };
  const problems = [{ code: 'LOCKS_OUT', statement: null, message: 'nobody could', fix: 'keep the root' }] as const;

  it('has a case for each log group, and one for whether KMS accepts the document', () => {
    const verdicts = [aLogGroupVerdict('/a'), { ...aLogGroupVerdict('/b', aDenyingPolicy()), problems }].map(
      (each) => ({
        ...each,
        problems,
      }),
    );
    const text = written('policy-verdicts', 'junit', [verdicts], {}, { policy });

    expect(caseOf(text, aLogGroup('/a').arn)).not.toContain('<failure');
    expect(caseOf(text, aLogGroup('/b').arn)).toContain('<failure type="DENIED"');
    expect(caseOf(text, 'KMS accepts the document')).toContain(
      '<failure type="LOCKS_OUT" message="nobody could">LOCKS_OUT: nobody could\nfix: keep the root</failure>',
    );
    expect(text).toContain('<testsuite name="keys/key.json"');
  });

  it('is an error where the verdict is UNCERTAIN, which is never treated as allowed', () => {
    const { logGroupArn: _, ...verdict } = aLogGroupVerdict('/a');
    const text = written('policy-verdict', 'junit', [], { ...verdict, verdict: 'UNCERTAIN' }, { policy });

    expect(caseOf(text, policy.subject)).toContain('<error type="UNCERTAIN"');
    expect(caseOf(text, 'KMS accepts the document')).not.toContain('<failure');
  });
});
