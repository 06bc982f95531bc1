import { QUERY_RESULTS_NAME } from '../lib/domain/log-store.ts';

export const COMMANDS = [
  'scan',
  'plan',
  'apply',
  'undo',
  'key check',
  'key repair',
  'policy check',
  'sandbox',
] as const;
export type CommandName = (typeof COMMANDS)[number];

const REGIONS = `  --region R          a Region to look at; repeatable (default: the SDK's own)
`;
const CREDENTIALS = `  --profile P         a profile of the AWS configuration
  --account ID        refuse other credentials than this account's; repeatable
`;
const KEY = `  --key KEY           alias/NAME, an alias ARN or a key ARN
`;

const TARGET = `${REGIONS}${CREDENTIALS}${KEY}  --require-key       a healthy key other than KEY is flagged and replaced too
  --query-results     also the stored Logs Insights results, whose key only a query shows: runs one a Region
`;

const ALIBABA = `
Alibaba Cloud (docs/alibaba.md)
  --provider alibaba  Logstores of SLS instead of log groups; needs --region
  --key CMK_ID        the key of yours; with --sls-role-arn ARN, the RAM role by which SLS uses it
  --service-key       a key of SLS itself will do, and is what Logstores are sealed with
`;

const SUBJECT = `  --log-group NAME    for this log group (default: one that no policy names)
  --query-results     for the stored Logs Insights results instead
`;

const JOURNAL = `  --yes               do not ask
  --journal FILE      where each change is written down (default logseal-journal.ndjson)
`;

const OUTPUT = `  --format F          table (default), json or ndjson
  --output FILE       write the result there instead of standard output
  --quiet             no progress and no messages
  --no-color          no colours
`;

const DETAILS: Readonly<
  Record<CommandName, { readonly what: string; readonly usage: string; readonly options: string }>
> = {
  scan: {
    what: 'list every log group and judge its key; changes nothing',
    usage: 'scan [options]',
    options: TARGET + OUTPUT + ALIBABA,
  },
  plan: {
    what: 'scan, and say what would be sealed and what would be refused; changes nothing',
    usage: 'plan --key KEY [options]',
    options: TARGET + OUTPUT + ALIBABA,
  },
  apply: {
    what: 'seal what a plan says, after asking',
    usage: 'apply (--key KEY | --plan FILE) [options]',
    options: `  --plan FILE         carry out what 'plan --format json --output FILE' wrote
${JOURNAL}${TARGET}${OUTPUT}${ALIBABA}  --confirm-irreversible N
                      without a terminal: how many Logstores are configured for the first time, and for good
`,
  },
  undo: {
    what: 'take a run, or the last change of a log store, back to what was there before',
    usage: 'undo (--run ID | --store NAME) [options]',
    options: `  --run ID            the run, as the journal and every result name it
  --store NAME        the log group; ${QUERY_RESULTS_NAME} names the stored Logs Insights results
  --region R          where the log store or the table is (default: the SDK's own)
  --provider alibaba  a run, or PROJECT/LOGSTORE, of SLS: switches the encryption off, or on again
${JOURNAL}  --journal-table T   the DynamoDB table that the functions write, instead of a file
${CREDENTIALS}${OUTPUT}`,
  },
  'key check': {
    what: 'say everything that decides whether a key can seal, each with its fix; changes nothing',
    usage: 'key check --key KEY [options]',
    options: KEY + SUBJECT + REGIONS + CREDENTIALS + OUTPUT,
  },
  'key repair': {
    what: 'add the one statement that a key policy lacks, after showing the difference and asking',
    usage: 'key repair --key KEY [options]',
    options: `${KEY}${SUBJECT}  --region R          where the key is (default: the SDK's own)
${JOURNAL}${CREDENTIALS}${OUTPUT}`,
  },
  'policy check': {
    what: 'say offline whether a key policy lets CloudWatch Logs use a key',
    usage: 'policy check --policy FILE|- --key-arn ARN (--log-group-arn ARN | --query-results ACCOUNT) [options]',
    options: `  --policy FILE       the key policy; - reads standard input
  --key-arn ARN       the key that it belongs to
  --log-group-arn ARN the log group to encrypt
  --query-results ID  or: the account whose Logs Insights results to encrypt
${OUTPUT}`,
  },
  sandbox: {
    what: 'serve a local cloud to try logseal on, until interrupted',
    usage: 'sandbox --port N [--world FILE] [--account ID]',
    options: `  --port N            where to listen on 127.0.0.1; 0 takes any free port
  --world FILE        what is in it (default: nothing)
  --account ID        whose it is when the access key id is no account id (default 111122223333)
`,
  },
};

const EXITS = `Exit status
  0    all is well
  1    it could not be done: credentials, network, a Region that could not be listed whole
  2    wrong usage or configuration; nothing was changed
  3    done, and something is not compliant, was refused or failed
  130  interrupted; what was done is in the journal
`;

/** What `logseal --help` says. */
export const HELP = `logseal keeps every CloudWatch log group encrypted with a symmetric, enabled KMS key of yours, and proves it.

Usage: logseal COMMAND [options]

${COMMANDS.map((name) => `  ${name.padEnd(14)}${DETAILS[name].what}\n`).join('')}
logseal COMMAND --help tells a command's options. Credentials, Region, profile and endpoint are found as the AWS SDK
finds them (AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL …).

${EXITS}`;

/** What `logseal COMMAND --help` says. */
export function helpFor(name: CommandName): string {
  const { what, usage, options } = DETAILS[name];
  return `logseal ${name}: ${what}\n\nUsage: logseal ${usage}\n\n${options}\n${EXITS}`;
}
