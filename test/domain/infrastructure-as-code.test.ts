import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { readersAndWriters } from '../../lib/domain/readers-and-writers.ts';
import { keyPolicyProblem } from '../../lib/domain/store-key-policy.ts';
import { aLogGroup, anInspection, aPolicyInspection } from '../support/builders.ts';
import { ROOT } from '../support/logseal.ts';

const VALUES: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'eu-west-1',
  'AWS::AccountId': '111122223333',
};

/** The key policy of the example, with the pseudo parameters of CloudFormation filled in. */
function policyForCloudFormation(): string {
  const text = readFileSync(join(ROOT, 'docs/infrastructure-as-code.md'), 'utf8');
  const [, template = ''] = /```yaml\n(LogsKey:[\s\S]*?)```/.exec(text) ?? [];
  const filled = template
    .replaceAll(/\$\{([\w:]+)\}/g, (_, name) => VALUES[name] ?? '')
    .replaceAll(/!Ref (\S+)/g, (_, name) => `'${VALUES[name]}'`)
    .replaceAll('!Sub ', '');
  return JSON.stringify(parse(filled).LogsKey.Properties.KeyPolicy);
}

it('the key policy that the document gives for CloudFormation lets in CloudWatch Logs, and all who write and read', () => {
  const key = anInspection({ policy: aPolicyInspection(policyForCloudFormation()) });

  expect(keyPolicyProblem(key, aLogGroup())).toBeNull();
  expect(readersAndWriters(key, aLogGroup())).toMatchObject({ access: 'ALL', fix: null });
});
