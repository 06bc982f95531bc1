import { describe, expect, it } from 'vitest';
import { evaluateKeyPolicy } from '../../../lib/domain/key-policy/evaluate.ts';
import { aLogGroup, aLogsPolicy, aReadPolicy } from '../../support/builders.ts';
import { aLogGroupVerdict, COLORED, drawn, GREEN, RED, written, YELLOW } from '../builders.ts';

describe('a verdict', () => {
  const subject = { type: 'log-group', arn: aLogGroup('/app').arn } as const;

  it('shows each action and why, and what no key policy shows', () => {
    const text = drawn('policy-verdict', [], { ...evaluateKeyPolicy(aReadPolicy(), subject), problems: [] });

    expect(text).toMatch(/^ALLOWED\n/);
    expect(text).toMatch(
      /^ALLOW kms:Encrypt, kms:Decrypt, kms:ReEncryptFrom, .*\n {2}the statement "Logs" allows it$/m,
    );
    expect(text).toContain('Not evaluated, since no key policy shows it: grants');
    expect(text).not.toContain('The smallest statement');
  });

  it('shows the statement that fixes it', () => {
    const text = drawn('policy-verdict', [], {
      ...evaluateKeyPolicy(aReadPolicy(aLogsPolicy('/other')), subject),
      problems: [],
    });

    expect(text).toMatch(/^MISSING_ACTIONS\n/);
    const [, statement = ''] = /The smallest statement that could be added:\n(\{[\s\S]*?\n\})/.exec(text) ?? [];
    expect(JSON.parse(statement)).toMatchObject({ Effect: 'Allow' });
  });

  it('is one short paragraph for a policy that is malformed', () => {
    expect(drawn('policy-verdict', [], { ...evaluateKeyPolicy(aReadPolicy('{'), subject), problems: [] })).toMatch(
      /^MALFORMED\n\nHIGH MALFORMED_POLICY: AWS would refuse this policy: .*\n$/,
    );
  });

  it('is green, red and yellow', () => {
    const verdictOf = (text?: string) =>
      drawn(
        'policy-verdict',
        [],
        { ...evaluateKeyPolicy(aReadPolicy(text), subject), problems: [] },
        { paint: COLORED },
      );

    expect(verdictOf()).toContain(`${GREEN}ALLOWED`);
    expect(verdictOf(aLogsPolicy('/other'))).toContain(`${RED}MISSING_ACTIONS`);
    expect(verdictOf(aLogsPolicy('/other'))).toContain(`${YELLOW}IMPLICIT_DENY`);
  });
});

describe('several verdicts', () => {
  const arnOf = (name: string) => aLogGroup(name).arn;

  it('are shown each below its log group, the same ones together', () => {
    const policy = aLogsPolicy('/app*');
    const verdicts = ['/app/a', '/other', '/app/b'].map((name) => aLogGroupVerdict(name, policy));

    const text = drawn('policy-verdicts', verdicts, {});

    expect(text.startsWith(`${arnOf('/app/a')}\n${arnOf('/app/b')}\nALLOWED\n`)).toBe(true);
    expect(text).toContain(`\n\n${arnOf('/other')}\nMISSING_ACTIONS\n`);
    expect(text.match(/^Not evaluated, /gm)).toHaveLength(1);
  });

  it('come in pages', () => {
    const verdicts = [aLogGroupVerdict('/a'), aLogGroupVerdict('/b')];

    expect(
      written(
        'policy-verdicts',
        'table',
        verdicts.map((verdict) => [verdict]),
        {},
      ),
    ).toBe(drawn('policy-verdicts', verdicts, {}));
  });

  it('say once what is wrong with a policy that is malformed', () => {
    const text = drawn('policy-verdicts', [aLogGroupVerdict('/a', '{'), aLogGroupVerdict('/b', '{')], {});

    expect(text.match(/MALFORMED_POLICY/g)).toHaveLength(1);
    expect(text).not.toContain('Not evaluated');
  });
});
