import { onTestFinished, vi } from 'vitest';

/** @returns the lines that the functions write while something runs */
export function written(run: () => void): string[] {
  const lines: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi
      .spyOn(stream, 'write')
      .mockImplementation((chunk) => lines.push(...String(chunk).split('\n').filter(Boolean)) > 0),
  );
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore();
  });
  run();
  return lines;
}
