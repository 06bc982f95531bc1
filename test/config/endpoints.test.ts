import { describe, expect, it } from 'vitest';
import { environmentMistakes } from '../../lib/config/endpoints.ts';
import { PROVIDERS } from '../../lib/domain/providers/index.ts';

describe('the endpoint variables', () => {
  it.each(['http://127.0.0.1:4566', 'https://vpce-1.logs.eu-west-1.vpce.amazonaws.com/', ''])('can be %j', (url) => {
    expect(environmentMistakes({ AWS_ENDPOINT_URL: url, AWS_ENDPOINT_URL_KMS: undefined })).toEqual([]);
  });

  it('are all named where they are not URLs', () => {
    const environment = {
      AWS_ENDPOINT_URL: 'localhost:4566',
      AWS_ENDPOINT_URL_KMS: 'not a url',
      AWS_ENDPOINT_URL_LOGS: 'ftp://x',
      AWS_ENDPOINT_URL_STS: 'http://ok',
      AWS_REGION: 'no url',
    };

    expect(environmentMistakes(environment)).toEqual([
      'AWS_ENDPOINT_URL: expected an http or https URL, got "localhost:4566"',
      'AWS_ENDPOINT_URL_KMS: expected an http or https URL, got "not a url"',
      'AWS_ENDPOINT_URL_LOGS: expected an http or https URL, got "ftp://x"',
    ]);
  });

  it.each(Object.values(PROVIDERS).flatMap(({ endpointVariables }) => endpointVariables))('include %s', (name) => {
    expect(environmentMistakes({ [name]: 'nowhere' })).toEqual([
      `${name}: expected an http or https URL, got "nowhere"`,
    ]);
  });
});
