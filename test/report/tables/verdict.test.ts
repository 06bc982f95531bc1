import { describe, expect, it } from 'vitest';
import { evaluateKeyPolicy } from '../../../lib/domain/key-policy/evaluate.ts';
import { aLogGroup, aLogsPolicy, aReadPolicy } from '../../support/builders.ts';
import { COLORED, drawn, GREEN, RED, YELLOW } from '../builders.ts';

describe('a verdict', () => {
  const subject = { type: 'log-group', arn: aLogGroup('/app').arn } as const;

  it('shows each action and why, and what no key policy shows', () => {
    const text = drawn('policy-verdict', [], { ...evaluateKeyPolicy(aReadPolicy(), subject), problems: [] });

    expect(text).toMatch(/^ALLOWED\n/);
    expect(text).toMatch(/^ALLOW +kms:ReEncryptFrom +.*"Logs"/m);
    expect(text).toContain('Not evaluated, since no key policy shows it: grants');
    expect(text).not.toContain('The smallest statement');
  });

  it('shows the statement that fixes it', () => {
    const text = drawn('policy-verdict', [], {
      ...evaluateKeyPolicy(aReadPolicy(aLogsPolicy('/other')), subject),
      problems: [],
    });

    expect(text).toMatch(/^MISSING_ACTIONS\n/);
    const [, statement = ''] = /The smallest statement that fixes it:\n(\{[\s\S]*?\n\})/.exec(text) ?? [];
    expect(JSON.parse(statement)).toMatchObject({ Effect: 'Allow' });
  });

  it('shows what is wrong with a policy that is malformed', () => {
    expect(drawn('policy-verdict', [], { ...evaluateKeyPolicy(aReadPolicy('{'), subject), problems: [] })).toContain(
      'HIGH MALFORMED_POLICY: AWS would refuse this policy',
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
