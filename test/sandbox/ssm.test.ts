import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { aSandbox, clientConfig, FIXTURE, refusal } from './support.ts';

const ARN = 'arn:aws:ssm:eu-west-1:111122223333:parameter';
const world: World = {
  roles: {
    reader: {
      policies: [{ Statement: { Effect: 'Allow', Action: 'ssm:GetParameter', Resource: `${ARN}/logseal/config` } }],
    },
  },
  parameters: { '/logseal/config': 'schema: x', other: { secret: 'hidden' } },
  elsewhere: [{ region: 'us-east-1', parameters: { there: 'y' } }],
};

async function aCloud() {
  const { sandbox } = await aSandbox({ world, stack: { template: FIXTURE } });
  const client = (caller = {}) => new SSMClient(clientConfig(sandbox, caller));
  const get = (Name: string, caller = {}, WithDecryption = true) =>
    client(caller).send(new GetParameterCommand({ Name, WithDecryption }));
  const put = (Name: string, Value: string, more: { Overwrite?: boolean; Type?: 'String' } = {}) =>
    client().send(new PutParameterCommand({ Name, Value, ...more }));
  return { sandbox, get, put };
}

describe('GetParameter', () => {
  it('tells the value of a parameter', async () => {
    const { get } = await aCloud();
    const facts = { Version: 1, DataType: 'text', LastModifiedDate: expect.any(Date) };
    expect((await get('/logseal/config')).Parameter).toEqual({
      Name: '/logseal/config',
      Type: 'String',
      Value: 'schema: x',
      ARN: `${ARN}/logseal/config`,
      ...facts,
    });
    expect((await get('other')).Parameter).toMatchObject({
      Type: 'SecureString',
      Value: 'hidden',
      ARN: `${ARN}/other`,
    });
    expect((await get('other', {}, false)).Parameter?.Value).not.toContain('hidden');
    expect((await get('there', { region: 'us-east-1' })).Parameter?.Value).toBe('y');
  });

  it('finds none of another name, version or Region', async () => {
    const { get } = await aCloud();
    expect(await refusal(get('there'))).toContain('ParameterNotFound');
    expect(await refusal(get('other:2'))).toContain('ParameterVersionNotFound');
    expect((await get('other:1')).Parameter?.Selector).toBe(':1');
  });

  it('needs a right on the parameter', async () => {
    const { get } = await aCloud();
    expect(await refusal(get('/logseal/config', { account: 'reader' }))).toBe('no error');
    const denied = `is not authorized to perform: ssm:GetParameter on resource: ${ARN}/other because`;
    expect(await refusal(get('other', { account: 'reader' }))).toContain(denied);
  });

  it('can fail, for one parameter alone', async () => {
    const { sandbox, get } = await aCloud();
    sandbox.setFaults([{ call: 'ssm:GetParameter', kind: 'unavailable', resource: 'other' }]);
    expect(await refusal(get('other'))).toContain('InternalServerError');
    expect(await refusal(get('/logseal/config'))).toBe('no error');
    sandbox.setFaults([{ call: 'ssm:GetParameter', kind: 'deny' }]);
    expect(await refusal(get('/logseal/config'))).toContain('AccessDeniedException');
  });
});

describe('PutParameter', () => {
  it('creates a parameter, and changes it where it may', async () => {
    const { get, put } = await aCloud();
    expect(await put('new', 'a', { Type: 'String' })).toMatchObject({ Version: 1 });
    expect(await refusal(put('new', 'b'))).toContain('ParameterAlreadyExists');
    expect(await put('new', 'b', { Overwrite: true })).toMatchObject({ Version: 2 });
    expect((await get('new')).Parameter).toMatchObject({ Value: 'b', Version: 2, Type: 'String' });
  });

  it.each([
    ['without a type', 'new', 'a', {}],
    ['empty', 'new', '', { Type: 'String' as const }],
    ['too long', 'new', 'a'.repeat(4_097), { Type: 'String' as const }],
    ['with a name that none can have', 'a b', 'a', { Type: 'String' as const }],
  ])('refuses one %s', async (_what, name, value, more) => {
    const { put } = await aCloud();
    expect(await refusal(put(name, value, more))).toContain('ValidationException');
  });
});
