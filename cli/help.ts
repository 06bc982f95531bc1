import { QUERY_RESULTS_NAME } from '../lib/domain/stores/query-results.ts';
import type { DocumentKind } from '../lib/report/documents.ts';
import { DOCUMENTS_WITH_FIXES, LONG_DOCUMENTS, SHOWN_ROWS } from '../lib/report/format.ts';
import { extensionsOf, formatNames } from '../lib/report/formats/index.ts';
import { COMMAND_NAMES, type CommandName } from './command-names.ts';

const REGIONS = `  --region R[,R…]     the Regions to work on; repeatable (default: the SDK's own)
  --all-regions       in each account every Region that is enabled there
`;
const REGIONS_OF_KEY = `  --region R[,R…]     the Regions to check the key in; repeatable (default: that in the ARN of KEY, otherwise the SDK's own)
`;
const PROFILE = `  --profile P         a profile of the AWS configuration
`;
const CREDENTIALS = `${PROFILE}  --account ID        an account to work on; repeatable. Without --role-name: refuse credentials of any other account
`;
const ENTER = `  --role-name NAME    enter every account but the caller's own by this role, which each of them has
  --external-id ID    what the trust policy of that role asks for
`;
const ORGANIZATION = `  --organization      every active account of the AWS Organization; needs --role-name
  --organizational-unit ID
                      every active account below this organizational unit; repeatable; needs --role-name
`;
const KEY = `  --key KEY           alias/NAME, an alias ARN or a key ARN
`;

const ORG_ID = `  --org-id o-…        the organization of the keys and the logs, where a key policy asks for it
`;

const TARGET = `${REGIONS}${CREDENTIALS}${KEY}  --require-key       also flag and replace a healthy key other than KEY
  --query-results     include the stored Logs Insights results; only a query shows their key, so one runs per Region
${ORG_ID}`;

const SELECTION = `  --include GLOB      only log stores whose whole name matches; * stands for any characters, ? for one; repeatable
  --exclude GLOB      not log stores whose whole name matches; repeatable
`;

const LIMIT = `  --limit N           seal at most N log stores, the worst first, and leave the others for later
`;

const CALLER = `  --no-caller-check   do not ask IAM which rights the caller lacks, for instance where another caller applies the plan
`;

const CONFIG = `  --config FILE       exemptions and key rules (docs/configuration.md); also ssm:NAME or s3://BUCKET/KEY
`;

const CONFIG_FILE = `  --config FILE       exemptions, by the names of log groups (docs/configuration.md)
`;

const CANARY = `  --canary N          seal N log groups that are receiving logs first, and the rest only if those keep receiving them; if one falls silent, put all of them back
  --watch MINUTES     how long to watch them, 6 to 60 (default 10); fewer than 9 take about 9, until the metric is complete
`;

const FAIL_ON = `  --fail-on SEVERITY  exit status 3 only for what is at least critical, high, medium or low (default low); none: for nothing
`;

const ALIBABA = `
Alibaba Cloud (docs/alibaba.md)
  --provider alibaba  Logstores of SLS instead of log groups; needs --region
  --key CMK_ID        your own key; with --sls-role-arn ARN, the RAM role by which SLS uses it
  --service-key       accept a key of SLS itself, and seal with it
`;

const SUBJECT = `  --log-group NAME    for this log group (default: one that no policy names)
  --query-results     for the stored Logs Insights results instead
`;

const SCOPE = `  --all-log-groups    for all log groups of the account in the Region (default)
  --log-group NAME    for this log group alone; 'PREFIX*': for all whose names begin so
  --query-results     for the stored Logs Insights results instead
  --readers-and-writers
                      for all principals of the account that write and read logs, instead of CloudWatch Logs itself; with --org-id and without --account, of the organization
`;

const JOURNAL_TABLE = `  --journal-table T   the DynamoDB table that the functions write, instead of a file
`;

const JOURNAL = `  --yes               do not ask
  --journal FILE      where each change is written down (default ACCOUNT.ndjson in $XDG_STATE_HOME/logseal, or in ~/.local/state/logseal)
`;

function outputHelp(kind: DocumentKind): string {
  const names = formatNames(kind);
  // `Intl.ListFormat` would take longer than all the rest of the help.
  const list = `${names.slice(0, -1).join(', ')} or ${names.at(-1)} (default ${names[0]})`;
  const all = LONG_DOCUMENTS.includes(kind)
    ? `  --all               show every row of a table, which otherwise shows the ${kind === 'runs' ? 'newest' : 'worst'} ${SHOWN_ROWS}
`
    : '';
  return `  --format F          ${list}
  --output FILE       write the result to a file; the end of its name tells the format (${extensionsOf(kind).join(' ')}), and --format takes any other name; repeatable, beside the table on standard output
${all}${DOCUMENTS_WITH_FIXES.includes(kind) ? '  --verbose           show policy statements in tables, too\n' : ''}  --quiet             no progress and no messages
  --no-color          no colours
`;
}

const DETAILS: Readonly<
  Record<CommandName, { readonly what: string; readonly usage: string; readonly options: string }>
> = {
  scan: {
    what: 'list every log store and evaluate its key; changes nothing',
    usage: 'scan [options]',
    options: TARGET + ENTER + ORGANIZATION + SELECTION + CONFIG + FAIL_ON + outputHelp('scan') + ALIBABA,
  },
  plan: {
    what: 'scan, and show what would be sealed and what would be refused; changes nothing',
    usage: 'plan (--key KEY | --config FILE) [options]',
    options: TARGET + ENTER + ORGANIZATION + SELECTION + LIMIT + CONFIG + CALLER + outputHelp('plan') + ALIBABA,
  },
  apply: {
    what: 'carry out a plan, after asking',
    usage: 'apply (--key KEY | --config FILE | --plan FILE) [options]',
    options: `  --plan FILE         carry out what 'plan --format json --output FILE' wrote
${JOURNAL}${CANARY}${TARGET}${ENTER}${ORGANIZATION}${SELECTION}${LIMIT}${CONFIG}${CALLER}${outputHelp('outcome')}${ALIBABA}  --confirm-irreversible N
                      without a terminal: how many Logstores are configured for the first time, and for good
`,
  },
  undo: {
    what: 'take back a run, or the last change of a log store',
    usage: 'undo (--run ID | --store NAME) [options]',
    options: `  --run ID            the run, as the journal, every result and 'logseal runs' name it; the beginning of its id is enough
  --store NAME        the log group; ${QUERY_RESULTS_NAME} names the stored Logs Insights results
  --region R          where the log store or the table is (default: the SDK's own)
  --provider alibaba  a run, or PROJECT/LOGSTORE, of SLS: switches the encryption off, or on again
${JOURNAL}${JOURNAL_TABLE}${ORG_ID}${CREDENTIALS}${ENTER}${ORGANIZATION}${outputHelp('outcome')}`,
  },
  runs: {
    what: 'list the runs in the journal, the newest first, with what each has changed; changes nothing',
    usage: 'runs [options]',
    options: `  --journal FILE      the journal (default: that of the caller's account, where apply keeps it)
${JOURNAL_TABLE}  --region R          where the table is (default: the SDK's own)
  --profile P         a profile of the AWS configuration
${outputHelp('runs')}`,
  },
  'key check': {
    what: 'check everything that decides whether a key can be attached, and show the fixes; changes nothing',
    usage: 'key check --key KEY [options]',
    options: KEY + SUBJECT + ORG_ID + REGIONS_OF_KEY + CREDENTIALS + ENTER + ORGANIZATION + outputHelp('key-check'),
  },
  'key repair': {
    what: 'add the one statement that a key policy lacks, after showing the difference and asking',
    usage: 'key repair --key KEY [options]',
    options: `${KEY}${SCOPE}${ORG_ID}  --region R          where the key is (default: the Region in the ARN of KEY, otherwise the SDK's own)
${JOURNAL}${PROFILE}  --account ID        where KEY is an ARN: the account whose log groups it is for, and with --role-name also that of the key (default: your own); otherwise that of the key, refusing credentials of any other; repeatable
${ENTER}  --organization      where KEY is an ARN: for the log groups of every active account of the AWS Organization
  --organizational-unit ID
                      the same for the accounts below this organizational unit; repeatable
${outputHelp('key-repair')}`,
  },
  'policy check': {
    what: 'check offline whether a key policy lets CloudWatch Logs use a key, and whether KMS would accept it',
    usage: 'policy check --policy FILE|- --key-arn ARN (--log-group-arn ARN… | --query-results ACCOUNT) [options]',
    options: `  --policy FILE       the key policy, or what 'aws kms get-key-policy' prints, of at most 1 MiB; - reads standard input
  --key-arn ARN       the key that it belongs to
  --log-group-arn ARN the log group to encrypt; repeatable
  --query-results ID  or: the account whose Logs Insights results to encrypt
${ORG_ID}${outputHelp('policy-verdict')}`,
  },
  'template check': {
    what: 'check offline which log groups in templates will have no key, or one whose policy refuses them',
    usage: 'template check FILE|DIR… [options]',
    options: `  FILE|DIR            templates of CloudFormation and SAM, what 'cdk synth' wrote, and plans of Terraform as 'terraform show -json' writes them; of a directory all that are in it
  --parameter NAME=VALUE
                      the value of a parameter, where it has no default or is deployed with another one; repeatable
  --region R          where it is deployed
  --account ID        the account that it is deployed in
  --no-implicit       without the log groups that CloudWatch Logs creates because no template declares them
${CONFIG_FILE}${FAIL_ON}${outputHelp('template')}
Exit status 2 also if a file cannot be read; the others are evaluated all the same.
`,
  },
  'config check': {
    what: 'check offline a file of exemptions and key rules: every mistake, what each entry matches, what expires when',
    usage: 'config check FILE [--scan FILE] [options]',
    options: `  FILE                the configuration file, YAML or JSON of at most 1 MiB; - reads standard input
  --scan FILE         show what each entry matches in what 'scan --format json --output FILE' wrote
${outputHelp('config-check')}
Exit status 2 if the file has mistakes. Warnings and exemptions that have expired change no exit status.
`,
  },
  sandbox: {
    what: 'serve a local cloud to try logseal on, until interrupted',
    usage: 'sandbox --port N [--world FILE] [--account ID]',
    options: `  --port N            where to listen on 127.0.0.1; 0 takes any free port
  --world FILE        what is in it, or demo, accounts, logstores, writers, which come with logseal (default: nothing)
  --account ID        its account unless the access key id is an account id (default 111122223333)
`,
  },
};

const EXITS = `Exit status
  0    all is well
  1    it could not be done: credentials, network, a Region that was not scanned completely, a canary that nothing is known of
  2    wrong usage or configuration; nothing was changed
  3    done, and something is not compliant, was refused, failed, was rolled back, or was changed again by somebody else during the run
  130  interrupted; what was done is in the journal
`;

/** The width of a terminal that nobody has made wider. */
const WIDTH = 80;

/** Breaks lines that are wider than a terminal between words; what follows stands below the text behind the name of an option. */
export function folded(text: string): string {
  return text.replace(/^.{81,}$/gm, (line) => {
    const [gutter = ''] = /^ +(?:\S+ ){0,3}\S* {2,}|^ +/.exec(line) ?? [];
    const lines = [''];
    for (const word of line.slice(gutter.length).split(' ')) {
      const last = lines.length - 1;
      const longer = lines[last] === '' ? word : `${lines[last]} ${word}`;
      if (gutter.length + longer.length <= WIDTH || lines[last] === '') lines[last] = longer;
      else lines.push(word);
    }
    return gutter + lines.join(`\n${' '.repeat(gutter.length)}`);
  });
}

/** The text of `logseal --help`. */
export const HELP = `logseal finds every CloudWatch log group without a symmetric, enabled KMS key of yours, says why, attaches the key and proves it.

Usage: logseal COMMAND [options]

${COMMAND_NAMES.map((name) => `  ${name.padEnd(16)}${DETAILS[name].what}\n`).join('')}
logseal COMMAND --help shows the options of a command, and logseal --version which version this is. Credentials, Region, profile and endpoint are found as the AWS SDK finds them (AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL …).

${EXITS}`;

/** The text of `logseal COMMAND --help`. */
export function helpFor(name: CommandName): string {
  const { what, usage, options } = DETAILS[name];
  return `logseal ${name}: ${what}\n\nUsage: logseal ${usage}\n\n${options}\n${EXITS}`;
}
