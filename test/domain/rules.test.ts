import { expect, it } from 'vitest';
import { keysNamedIn } from '../../lib/domain/rules.ts';
import { TARGET } from '../support/builders.ts';
import { keyRules } from '../support/configuration.ts';

const names = ['*'];

it('the keys of a target are the configured one and those of the rules that may be about it, each once', () => {
  const configuration = keyRules(
    [{ names }, 'alias/all'],
    [{ names, regions: ['eu-central-1'] }, 'alias/elsewhere'],
    [{ names, accounts: ['444455556666'] }, 'alias/theirs'],
    [{ names, regions: ['eu-central-1', TARGET.region], accounts: [TARGET.account] }, 'alias/here'],
    [{ names: ['/a'] }, 'alias/all'],
    [{ names }, 'alias/logseal'],
  );

  expect(keysNamedIn({ configuration, key: 'alias/logseal' }, TARGET)).toEqual([
    'alias/logseal',
    'alias/all',
    'alias/here',
  ]);
  expect(keysNamedIn({ configuration, key: null }, TARGET)).toEqual(['alias/all', 'alias/here', 'alias/logseal']);
});
