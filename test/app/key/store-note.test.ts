import { expect, it } from 'vitest';
import { storeNote } from '../../../lib/app/key/store-note.ts';
import { aLogGroup } from '../../support/builders.ts';
import { aCloudError, fakeCloud } from '../../support/fake-cloud.ts';

const GROUPS = { '/app/a': null };

it('a log store that exists needs no note, and one read shows that', async () => {
  const { cloud, log } = fakeCloud({ groups: GROUPS });

  expect(await storeNote(aLogGroup('/app/a'), cloud.logStores)).toBeNull();
  expect(log).toEqual(['logs:DescribeLogGroups /app/a']);
});

it('a log store that does not exist is named, with its Region', async () => {
  const { cloud } = fakeCloud({ groups: GROUPS });

  expect(await storeNote(aLogGroup('/app/b'), cloud.logStores)).toBe(
    'the log group /app/b does not exist in eu-west-1 (yet): the checks hold for one of this name',
  );
});

it('a log store that could not be read may exist, in the words of the cloud', async () => {
  const { cloud } = fakeCloud({ failures: { 'logs:DescribeLogGroups': aCloudError('ACCESS_DENIED', 'not you') } });

  expect(await storeNote(aLogGroup('/app/b'), cloud.logStores)).toBe(
    'whether the log group /app/b exists in eu-west-1 is not known: not you',
  );
});

it('a defect of the program is thrown', async () => {
  const { cloud } = fakeCloud({ failures: { 'logs:DescribeLogGroups': new TypeError('a defect') } });

  await expect(storeNote(aLogGroup(), cloud.logStores)).rejects.toThrow('a defect');
});
