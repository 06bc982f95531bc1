import { describe, expect, test } from 'vitest';
import { aCloud, refusal, serve } from './tiny-server.ts';

const XML = { 'content-type': 'text/xml' };
const REGIONS = `<DescribeRegionsResponse><regionInfo>
<item><regionName>eu-west-1</regionName><optInStatus>opt-in-not-required</optInStatus></item>
<item><regionName>af-south-1</regionName><optInStatus>not-opted-in</optInStatus></item>
<item><regionName>ap-east-1</regionName><optInStatus>opted-in</optInStatus></item>
</regionInfo></DescribeRegionsResponse>`;

describe('The Regions of an account', () => {
  test('come from Account Management page after page, with those that are not enabled', async () => {
    const { requests } = await serve(({ number, path }) => {
      if (path !== '/listRegions') return refusal('UnknownOperationException');
      const regions = [
        ['eu-west-1', 'ENABLED_BY_DEFAULT'],
        ['ap-east-1', 'ENABLED'],
        ['af-south-1', 'DISABLED'],
        ['me-south-1', 'ENABLING'],
        ['il-central-1', 'DISABLING'],
      ].map(([RegionName, RegionOptStatus]) => ({ RegionName, RegionOptStatus }));
      return number === 1 ? { Regions: regions.slice(0, 2), NextToken: 'next' } : { Regions: regions.slice(2) };
    });
    const cloud = aCloud();

    expect(await cloud.regions?.()).toEqual([
      { name: 'eu-west-1', isEnabled: true },
      { name: 'ap-east-1', isEnabled: true },
      { name: 'af-south-1', isEnabled: false },
      { name: 'me-south-1', isEnabled: false },
      { name: 'il-central-1', isEnabled: false },
    ]);
    expect(requests.map(({ input }) => input.NextToken)).toEqual([undefined, 'next']);
    expect(cloud.apiCalls()).toEqual({ 'account:ListRegions': 2 });
  });

  test('come from EC2 where Account Management refuses', async () => {
    await serve(({ path }, response) => {
      if (path === '/listRegions') return refusal('AccessDeniedException', 'no', 403);
      response.writeHead(200, XML).end(REGIONS);
      return undefined;
    });

    expect(await aCloud().regions?.()).toEqual([
      { name: 'eu-west-1', isEnabled: true },
      { name: 'af-south-1', isEnabled: false },
      { name: 'ap-east-1', isEnabled: true },
    ]);
  });

  test('come from EC2 where Account Management has no endpoint', async () => {
    await serve(({ path }, response) => {
      if (path === '/listRegions') response.destroy();
      else response.writeHead(200, XML).end(REGIONS);
      return undefined;
    });

    expect(await aCloud(1).regions?.()).toHaveLength(3);
  });

  test('are not known where both refuse: the error is that of Account Management', async () => {
    await serve(({ path }) => refusal('AccessDeniedException', `no ${path}`, 403));

    await expect(aCloud().regions?.()).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      call: 'account:ListRegions',
      message: 'no /listRegions',
    });
  });

  test('are not asked of EC2 during an outage of Account Management', async () => {
    const { requests } = await serve(() => refusal('InternalServerException', 'down', 500));

    await expect(aCloud(1).regions?.()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(requests.map(({ path }) => path)).toEqual(['/listRegions']);
  });
});
