import { describe, expect, it } from 'vitest';
import { CLOUD_ERROR_CODES } from '../../lib/errors.ts';
import { fixForFailure } from '../../lib/report/fixes.ts';

describe('what fixes a call that failed', () => {
  it('is said of all but what the cloud found wrong with a request', () => {
    const unfixed = CLOUD_ERROR_CODES.filter((code) => fixForFailure(code, 'aws') === undefined);

    expect(unfixed).toEqual(['NOT_FOUND', 'INVALID_REQUEST']);
  });

  it.each(['CREDENTIALS', 'NETWORK'] as const)('names the variables of its own cloud: %s', (code) => {
    expect(fixForFailure(code, 'aws')).toMatch(/AWS_\w+/);
    expect(fixForFailure(code, 'aws')).not.toMatch(/ALIBABA/);
    expect(fixForFailure(code, 'alibaba')).toMatch(/ALIBABA_\w+/);
    expect(fixForFailure(code, 'alibaba')).not.toMatch(/AWS_/);
  });
});
