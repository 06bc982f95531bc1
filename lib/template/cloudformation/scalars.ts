/** What a tag of CloudFormation stands for in its JSON. @param tag with its `!` */
export function tagged(tag: string, value: unknown): unknown {
  const name = tag.slice(1);
  if (name === 'Ref' || name === 'Condition') return { [name]: value };
  return { [`Fn::${name}`]: name === 'GetAtt' && typeof value === 'string' ? splitOnce(value) : value };
}

/** The attribute may have dots itself: `Nested.Outputs.KeyArn`. */
function splitOnce(text: string): string[] {
  const [resource = '', ...attribute] = text.split('.');
  return [resource, attribute.join('.')];
}

/** The value of a text without quotes, by the core schema of YAML 1.2. A number that would not be written the same again stays text: an account id may begin with 0. */
export function plain(source: string): unknown {
  if (/^(|~|null|Null|NULL)$/.test(source)) return null;
  if (/^(true|True|TRUE)$/.test(source)) return true;
  if (/^(false|False|FALSE)$/.test(source)) return false;
  const number = /^-?\d+(\.\d+)?$/.test(source) ? Number(source) : Number.NaN;
  return String(number) === source ? number : source;
}
