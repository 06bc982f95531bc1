import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { confirm } from '../../cli/confirm.ts';

/** Standard input and standard error, without a terminal. */
function streams() {
  const input = new PassThrough();
  const output = new PassThrough();
  vi.spyOn(process, 'stdin', 'get').mockReturnValue(input as never);
  vi.spyOn(process, 'stderr', 'get').mockReturnValue(output as never);
  return { input, said: () => String(output.read() ?? '') };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a question', () => {
  const never = new AbortController().signal;

  it.each(['y', 'Y', 'yes', 'YES', ' yes '])('is answered yes by %j', async (answer) => {
    const { input, said } = streams();

    const answered = confirm('Seal?', never);
    input.write(`${answer}\n`);

    expect(await answered).toBe(true);
    expect(said()).toContain('Seal? [y/N] ');
  });

  it.each(['n', 'no', '', 'yy', 'yes please', 'ja'])('is answered no by %j', async (answer) => {
    const { input } = streams();

    const answered = confirm('Seal?', never);
    input.write(`${answer}\n`);

    expect(await answered).toBe(false);
  });

  it('is answered no by an input that ends', async () => {
    const { input } = streams();

    const answered = confirm('Seal?', never);
    input.end();

    expect(await answered).toBe(false);
  });

  it('is dropped by an interrupt', async () => {
    streams();
    const interruption = new AbortController();

    const answered = confirm('Seal?', interruption.signal);
    interruption.abort();

    await expect(answered).rejects.toMatchObject({ name: 'AbortError' });
  });
});
