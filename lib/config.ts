import { parseArn } from './domain/arn.ts';

/**
 * The forms of what users configure, by flag or by environment. Each check answers with the mistake, said as "expected …,
 * got …", or with nothing, so that a caller can gather every mistake before it answers.
 */
type Mistake = string | undefined;

/** KMS: an alias has 1 to 256 characters of these, `alias/` included. */
const ALIAS = /^alias\/[A-Za-z0-9/_-]{1,250}$/;
const KEY_RESOURCE = /^key\/[A-Za-z0-9-]{1,128}$/;

/** A KEY: `alias/NAME`, an alias ARN or a key ARN. */
export function keyMistake(text: string): Mistake {
  if (ALIAS.test(text)) return undefined;
  const arn = parseArn(text);
  const isKms = arn?.service === 'kms' && !regionMistake(arn.region) && !accountMistake(arn.account);
  if (isKms && (ALIAS.test(arn.resource) || KEY_RESOURCE.test(arn.resource))) return undefined;
  return `expected alias/NAME, an alias ARN or a key ARN, got ${JSON.stringify(text)}${/^[0-9a-f-]{36}$|^mrk-/.test(text) ? ' (a bare key id names no Region and no account)' : ''}`;
}

/** A key ARN, where an alias cannot be looked up. */
export function keyArnMistake(text: string): Mistake {
  const isKeyArn = !keyMistake(text) && parseArn(text)?.resource.startsWith('key/');
  return isKeyArn
    ? undefined
    : `expected a key ARN such as arn:aws:kms:eu-west-1:111122223333:key/ID, got ${JSON.stringify(text)}`;
}

/** Judged by its form: which Regions exist is AWS's to say. */
export function regionMistake(text: string): Mistake {
  if (/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/.test(text)) return undefined;
  return `expected a Region such as eu-west-1, got ${JSON.stringify(text)}`;
}

export function accountMistake(text: string): Mistake {
  return /^\d{12}$/.test(text) ? undefined : `expected an account id of twelve digits, got ${JSON.stringify(text)}`;
}

/** CloudWatch Logs: names have 1 to 512 characters of these. The `:*` at the end is taken as well as its absence. */
export function logGroupArnMistake(text: string): Mistake {
  const arn = parseArn(text);
  const isLogs = arn?.service === 'logs' && !regionMistake(arn.region) && !accountMistake(arn.account);
  if (isLogs && /^log-group:[.\-_/#A-Za-z0-9]{1,512}(:\*)?$/.test(arn.resource)) return undefined;
  return `expected a log group ARN such as arn:aws:logs:eu-west-1:111122223333:log-group:NAME, got ${JSON.stringify(text)}`;
}

/** The SDK's endpoint variables that are set to something that is no URL. */
export function endpointMistakes(environment: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(environment)
    .filter(([name, value]) => name.startsWith('AWS_ENDPOINT_URL') && value && !isHttpUrl(value))
    .map(([name, value]) => `${name}: expected an http or https URL, got ${JSON.stringify(value)}`);
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
