import { describe, expect, it } from 'vitest';
import { CLOUD_ERROR_CODES } from '../../lib/errors.ts';
import { cureOf } from '../../lib/report/cures.ts';

describe('what cures a call that failed', () => {
  it('is said of all but what the cloud found wrong with a request', () => {
    const uncured = CLOUD_ERROR_CODES.filter((code) => cureOf(code, 'aws') === undefined);

    expect(uncured).toEqual(['NOT_FOUND', 'INVALID_REQUEST']);
  });

  it.each(['CREDENTIALS', 'NETWORK'] as const)('names the variables of its own cloud: %s', (code) => {
    expect(cureOf(code, 'aws')).toMatch(/AWS_\w+/);
    expect(cureOf(code, 'aws')).not.toMatch(/ALIBABA/);
    expect(cureOf(code, 'alibaba')).toMatch(/ALIBABA_\w+/);
    expect(cureOf(code, 'alibaba')).not.toMatch(/AWS_/);
  });
});
