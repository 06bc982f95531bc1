import { describe, expect, it } from 'vitest';
import { aGroup, aTemplateDesk, checked, KEY } from './desk.ts';

function template(parameter: string): string {
  return `Parameters: { Place: ${parameter} }\nResources:${KEY}${aGroup('!GetAtt Key.Arn')}`;
}

describe('a parameter with AllowedValues', () => {
  it.each([
    ['{ Type: String, AllowedValues: [a, b] }', 'a'],
    ['{ Type: Number, AllowedValues: [1, 2] }', '2'],
    ['{ Type: CommaDelimitedList, AllowedValues: [a, b, c] }', 'a,c'],
  ])('%s takes %s', async (parameter, value) => {
    const { status } = await checked(template(parameter), `--parameter Place=${value}`);

    expect(status).toBe(0);
  });

  it.each([
    ['{ Type: String, AllowedValues: [a, b] }', 'x', 'expected "a" or "b", its AllowedValues, got "x"'],
    ['{ Type: CommaDelimitedList, AllowedValues: [a, b] }', 'a,x', 'expected "a" or "b", its AllowedValues, got "x"'],
  ])('%s refuses %s, as CloudFormation does', async (parameter, value, message) => {
    const { status, stderr } = await checked(template(parameter), `--parameter Place=${value}`);

    expect(status).toBe(2);
    expect(stderr).toContain(`logseal: t.yaml: --parameter Place: ${message}\n`);
  });
});

it('a parameter that is given twice hides no other mistake', async () => {
  const desk = await aTemplateDesk({ 't.yaml': template('{ Type: String }') });
  const { status, stderr } = await desk.run(
    'template check t.yaml none.yaml --parameter Place=a --parameter Place=b --parameter x --region nowhere --config none',
  );

  expect(status).toBe(2);
  for (const start of [
    '--parameter: expected one value of Place',
    '--parameter: expected NAME=VALUE',
    '--region: ',
    '--config: ',
    'none.yaml',
  ])
    expect(stderr).toContain(start);
});
