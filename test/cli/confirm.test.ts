import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { confirm } from '../../cli/confirm.ts';
import { aHost } from '../support/host.ts';

describe('a question', () => {
  it.each(['y', 'Y', 'yes', 'YES', ' yes '])('is answered yes by %j', async (answer) => {
    const input = new PassThrough();
    const { host, stderr } = aHost({ input });

    const answered = confirm('Seal?', host);
    input.write(`${answer}\n`);

    expect(await answered).toBe(true);
    expect(stderr()).toContain('Seal? [y/N] ');
  });

  it.each(['n', 'no', '', 'yy', 'yes please', 'ja'])('is answered no by %j', async (answer) => {
    const input = new PassThrough();

    const answered = confirm('Seal?', aHost({ input }).host);
    input.write(`${answer}\n`);

    expect(await answered).toBe(false);
  });

  it('is answered no by an input that ends', async () => {
    const input = new PassThrough();

    const answered = confirm('Seal?', aHost({ input }).host);
    input.end();

    expect(await answered).toBe(false);
  });

  it('is dropped by an interrupt', async () => {
    const interruption = new AbortController();

    const answered = confirm('Seal?', aHost({ input: new PassThrough(), interruption }).host);
    interruption.abort();

    await expect(answered).rejects.toMatchObject({ name: 'AbortError' });
  });
});
