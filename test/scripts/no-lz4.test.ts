import { expect, it } from 'vitest';
import { compress, uncompress } from '../../scripts/package/no-lz4.ts';

it.each([compress, uncompress])('what stands in for lz4-napi in the package says why it refuses', (call) => {
  expect(call).toThrow('lz4 is not part of the package of logseal, which reads and writes no contents of logs');
});
