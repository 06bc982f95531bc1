import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type PartitionsInfo, partition } from '@aws-sdk/core/client';
import { describe, expect, it } from 'vitest';
import {
  inEveryAccount,
  isOptInRegion,
  logsPrincipals,
  PARTITIONS,
  partitionNamed,
  partitionOfRegion,
} from '../../lib/domain/partition.ts';

/** The table behind `partition()`, which the package does not export. */
async function sdkPartitions(): Promise<PartitionsInfo['partitions']> {
  const core = dirname(createRequire(import.meta.url).resolve('@aws-sdk/core/package.json'));
  const table = join(core, 'dist-es/submodules/client/util-endpoints/lib/aws/partitions.js');
  const { partitionsInfo }: { partitionsInfo: PartitionsInfo } = await import(table);
  return partitionsInfo.partitions;
}

const partitions = await sdkPartitions();
/** `aws-global` and its like are no Regions: only endpoints of global services go by these names. */
const regions = partitions.flatMap((each) => Object.keys(each.regions).filter((name) => !name.endsWith('-global')));

describe('the table of partitions', () => {
  it('has the names, Regions and URL suffixes of the table in the AWS SDK', () => {
    const inOrder = (rows: readonly string[][]) =>
      rows.toSorted(([one = ''], [other = '']) => one.localeCompare(other));
    const theirs = partitions.map(({ outputs, regionRegex }) => [
      outputs.name,
      // A hyphen outside a character class means the same with and without the backslash.
      regionRegex.replaceAll('\\-', '-'),
      outputs.dnsSuffix,
    ]);

    expect(inOrder(PARTITIONS.map(({ name, regions: { source }, urlSuffix }) => [name, source, urlSuffix]))).toEqual(
      inOrder(theirs),
    );
  });

  it('is compared with Regions of every partition', () => {
    expect(regions.length).toBeGreaterThan(40);
    expect([...new Set(regions.map((region) => partition(region).name))].sort()).toEqual(
      PARTITIONS.map(({ name }) => name).sort(),
    );
  });

  // The last ones stand in no table: only the form of their names tells the partition.
  it.each([
    ...regions,
    'us-north-9',
    'cn-west-9',
    'us-gov-north-9',
    'us-iso-north-9',
    'us-isob-north-9',
    'eusc-de-west-9',
  ])('agrees with the AWS SDK about %s', (region) => {
    const { name, dnsSuffix } = partition(region);

    expect(partitionOfRegion(region)).toMatchObject({ name, urlSuffix: dnsSuffix });
  });

  it.each([
    '',
    'aws',
    'aws-global',
    'us-east',
    'us-east-1a',
    'cn-hangzhou',
    'eusc-fr-west-1',
    'xx-east-1',
    'us-isoz-east-1',
  ])('has no partition for %j', (region) => {
    expect(partitionOfRegion(region)).toBeUndefined();
  });

  it('finds a partition by its exact name', () => {
    expect(partitionNamed('aws-iso-b')).toMatchObject({ name: 'aws-iso-b', urlSuffix: 'sc2s.sgov.gov' });
    expect(partitionNamed('aws-iso-z')).toBeUndefined();
    expect(partitionNamed('AWS')).toBeUndefined();
  });
});

describe('the service principals of CloudWatch Logs', () => {
  it.each([
    ['aws', 'us-east-1', 'amazonaws.com'],
    ['aws-cn', 'cn-north-1', 'amazonaws.com.cn'],
    ['aws-us-gov', 'us-gov-west-1', 'amazonaws.com'],
    ['aws-iso', 'us-iso-east-1', 'c2s.ic.gov'],
    ['aws-iso-b', 'us-isob-east-1', 'sc2s.sgov.gov'],
  ])('are certain in %s', (name, region, suffix) => {
    expect(logsPrincipals(name, region)).toEqual({
      regional: [`logs.${region}.${suffix}`],
      global: [`logs.${suffix}`],
      isCertain: true,
    });
  });

  it.each([
    ['aws-eusc', 'eusc-de-east-1', ['amazonaws.com', 'amazonaws.eu']],
    ['aws-iso-e', 'eu-isoe-west-1', ['amazonaws.com', 'cloud.adc-e.uk']],
    ['aws-iso-f', 'us-isof-south-1', ['amazonaws.com', 'csp.hci.ic.gov']],
    ['aws-new', 'xx-east-1', ['amazonaws.com']],
  ])('are not certain in %s', (name, region, suffixes) => {
    expect(logsPrincipals(name, region)).toEqual({
      regional: suffixes.map((suffix) => `logs.${region}.${suffix}`),
      global: suffixes.map((suffix) => `logs.${suffix}`),
      isCertain: false,
    });
  });

  it('are those that a person names, if the Region is in the name', () => {
    const known = 'logs.eusc-de-east-1.amazonaws.eu';

    expect(logsPrincipals('aws-eusc', 'eusc-de-east-1', known)).toEqual({
      regional: [known],
      global: ['logs.amazonaws.eu'],
      isCertain: true,
    });
    expect(logsPrincipals('aws-eusc', 'eusc-de-west-1', known).isCertain).toBe(false);
  });

  it('are those of the table where that is certain, whatever a person names', () => {
    expect(logsPrincipals('aws', 'us-east-1', 'logs.us-east-1.example.com')).toEqual(
      logsPrincipals('aws', 'us-east-1'),
    );
  });
});

it.each([
  ['us-east-1', false],
  ['ap-northeast-3', false],
  ['ap-east-1', true],
  ['me-south-1', true],
  ['mx-central-1', true],
  ['cn-north-1', false],
  ['us-gov-east-1', false],
  ['eusc-de-east-1', false],
  ['cn-hangzhou', false],
])('whether %s must be enabled first: %s', (region, isOptIn) => {
  expect(isOptInRegion(region)).toBe(isOptIn);
  expect(inEveryAccount(region)).toBe(isOptIn ? 'us-east-1' : region);
});
