import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aCanaryDesk } from '../support/canary.ts';
import { ROOT } from '../support/logseal.ts';

const WRITERS = join(ROOT, 'sandbox/worlds/writers.yaml');
const ON_KEY = '--key alias/logseal --region eu-west-1';
const APPLY = `apply ${ON_KEY} --yes --watch 6`;

describe('the commands that docs/sandbox.md gives for sandbox/worlds/writers.yaml', () => {
  it('show who writes, and which stack owns log groups', async () => {
    const desk = await aCanaryDesk(WRITERS);

    const plan = await desk.run(`plan ${ON_KEY}`);
    const check = await desk.run(`key check ${ON_KEY} --log-group /aws/lambda/orders`);

    expect(plan.stdout).toContain('\n  log stores: /shop/cart, /shop/search\n');
    expect(plan.stdout).toMatch(/WRITERS_UNPROVEN × 6$/m);
    expect(check.stdout).toMatch(/; readers and writers: not proven, the function lacks 3 rights\n$/);
    expect(check.status).toBe(0);
  });

  it('show a canary of two that keeps receiving logs', async () => {
    const { status, stdout } = await (await aCanaryDesk(WRITERS)).run(`${APPLY} --canary 2`);

    expect(status).toBe(0);
    expect(stdout).toContain('\ncanary: 2 log stores kept receiving logs for about 9 minutes ');
  });

  it('show one of three that falls silent, and goes through after the repair for readers and writers', async () => {
    const desk = await aCanaryDesk(WRITERS);

    const silent = await desk.run(`${APPLY} --canary 3`);
    await desk.run(`key repair --readers-and-writers ${ON_KEY} --yes`);
    const repaired = await desk.run(`${APPLY} --canary 3`);

    expect(silent.stdout).toContain('\ncanary: /aws/lambda/orders in eu-west-1 is silent since ');
    expect([silent.status, repaired.status]).toEqual([3, 0]);
    expect(repaired.stdout).toContain('\ncanary: 3 log stores kept receiving logs ');
  });
});
