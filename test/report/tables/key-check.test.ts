import { describe, expect, it } from 'vitest';
import type { KeyCheck } from '../../../lib/domain/key-check.ts';

import { ANY_LOG_GROUP_NAME } from '../../../lib/domain/stores/log-group.ts';
import type { Colors } from '../../../lib/report/colors.ts';
import type { CheckedKey } from '../../../lib/report/documents.ts';
import { A_RUN, aKeyArn, aLogGroup, aReason } from '../../support/builders.ts';
import { COLORED, drawn, GREEN, PLAIN, RED, YELLOW } from '../builders.ts';

function aCheck(check: Partial<KeyCheck> = {}): KeyCheck {
  return { check: 'FOUND', action: null, result: 'PASS', code: null, message: 'it is there', fix: null, ...check };
}
const FAILED = aCheck({ check: 'ENABLED', result: 'FAIL', ...aReason('KEY_DISABLED') });
const UNKNOWN = aCheck({
  check: 'CALLER_RIGHTS',
  action: 'kms:Encrypt',
  result: 'UNKNOWN',
  code: 'CALLER_MISSING_RIGHTS',
  message: 'nobody knows',
  fix: 'ask',
});

/** @param targets the checks of the key in each target */
function checked(
  targets: readonly (readonly KeyCheck[])[],
  paint: Colors = PLAIN,
  keyArn: string | null = aKeyArn(),
  more: Partial<Pick<CheckedKey, 'note' | 'store' | 'readersAndWriters'>> = {},
) {
  const items = targets.map((checks) => ({
    store: aLogGroup(),
    keyArn,
    checks,
    readersAndWriters: null,
    warnings: [],
    problems: [],
    apiCalls: {},
    ...more,
  }));
  return drawn('key-check', items, { run: A_RUN, key: { configured: 'alias/logseal' } }, { paint });
}

describe('a key check', () => {
  it('shows every check with its result, and the fixes of those that do not pass', () => {
    const text = checked([[aCheck(), FAILED, UNKNOWN]]);

    expect(text).toMatch(/^alias\/logseal for \/app\/a in eu-west-1 \(arn:aws:kms:.*key\/logseal\)\n/);
    expect(text).toMatch(/^RESULT +CHECK +ACTION +WHY$/m);
    expect(text).toMatch(/^PASS +FOUND +- +it is there$/m);
    expect(text).toMatch(/^FAIL +ENABLED +- +the message of KEY_DISABLED$/m);
    expect(text).toMatch(/^UNKNOWN +CALLER_RIGHTS +kms:Encrypt +nobody knows$/m);
    expect(text).toContain(
      '\nFixes\nHIGH KEY_DISABLED × 1\n  the message of KEY_DISABLED\n  fix: the fix of KEY_DISABLED\n\nNot known\nnobody knows\n  to settle it: ask\n',
    );
    expect(text).toMatch(/\nkey: 1 pass, 1 fail, 1 not known\n$/);
  });

  it('says what is known of those who write and read, and counts it as no check', () => {
    const shown = { access: 'IAM', message: 'it depends', fix: 'repair' } as const;
    const roleArn = 'arn:aws:iam::111122223333:role/app';
    const functionArn = 'arn:aws:lambda:eu-west-1:111122223333:function:app';
    const rights = [
      { action: 'kms:Decrypt', result: 'FAIL', message: 'it may not' },
      { action: null, result: 'UNKNOWN', message: 'not simulated' },
    ] as const;
    const writer = { status: 'FOUND', functionArn, roleArn, rights, fix: 'add it' } as const;

    const text = checked([[aCheck()]], PLAIN, aKeyArn(), { readersAndWriters: { ...shown, writer } });

    expect(text).toContain('\nWho writes and reads the logs\nnot proven: it depends\n  fix: repair\n');
    expect(text).toContain(`\nthe function app writes under ${roleArn}; AWS does not document whether it checks`);
    expect(text).toContain(
      "\nAWS's guide asks writers and readers alike for five actions; checked here are those that AWS's managed policy CloudWatchLogsAPIKeyAccess gives to writers\n",
    );
    expect(text).toMatch(/^MISSING +kms:Decrypt +it may not\nNOT KNOWN +- +not simulated\n {2}fix: add it$/m);
    expect(text).toMatch(
      /\nkey: 1 pass, 0 fail, 0 not known; readers and writers: not proven, the function lacks 1 right\n$/,
    );
  });

  it('says that it does not know the writers, and that all principals may use the key', () => {
    const writer = { status: 'NOT_KNOWN', message: 'nobody knows', fix: null } as const;
    const readersAndWriters = { access: 'ALL', message: 'all may', fix: null, writer } as const;

    const text = checked([[aCheck()]], PLAIN, aKeyArn(), { readersAndWriters });

    expect(text).toContain('\nWho writes and reads the logs\nallowed: all may\nnobody knows\n\nkey: 1 pass');
    expect(text).toMatch(/ 0 not known; readers and writers: allowed\n$/);
    expect(checked([[aCheck()]])).not.toContain('Who writes');
  });

  it('of no log group in particular does not name one', () => {
    const text = checked([[aCheck()]], PLAIN, aKeyArn(), { store: aLogGroup(ANY_LOG_GROUP_NAME) });

    expect(text).toMatch(/^alias\/logseal for log groups in general in eu-west-1 /);
    expect(text).not.toContain(ANY_LOG_GROUP_NAME);
  });

  it('that passes needs no fix', () => {
    const text = checked([[aCheck()]]);

    expect(text).toMatch(/\nkey: 1 pass, 0 fail, 0 not known\n$/);
    expect(text).not.toMatch(/fix/i);
  });

  it('of several Regions has a section for each', () => {
    const text = checked([[aCheck()], [FAILED]]);

    expect(text.match(/^RESULT /gm)).toHaveLength(2);
    expect(text).toContain('\nkey: 1 pass, 0 fail, 0 not known\n\nalias/logseal for');
  });

  it('says that the ARN is not known if the key could not be found', () => {
    expect(checked([[FAILED]], PLAIN, null)).toContain('in eu-west-1 (its ARN is not known)\n');
  });

  it('says what is to be said of the log group before the checks', () => {
    const text = checked([[aCheck()]], PLAIN, aKeyArn(), { note: 'it does not exist (yet)' });

    expect(text).toMatch(/^alias\/logseal for .*\nnote: it does not exist \(yet\)\nRESULT /);
    expect(checked([[aCheck()]])).not.toContain('note');
  });

  it('is green, red and yellow', () => {
    const text = checked([[aCheck(), FAILED, UNKNOWN]], COLORED);

    expect(text).toContain(`${GREEN}PASS`);
    expect(text).toContain(`${RED}FAIL`);
    expect(text).toContain(`${YELLOW}UNKNOWN`);
  });

  it('lists a fix once, where a check is not known because of one that failed', () => {
    const because = aCheck({ check: 'KEY_SPEC', result: 'UNKNOWN', ...aReason('KEY_DISABLED'), message: 'not known' });

    expect(checked([[FAILED, because]]).match(/fix: the fix of KEY_DISABLED/g)).toHaveLength(1);
  });
});
