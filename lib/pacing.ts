/**
 * How fast and how many at once: every number that paces a call, and where it comes from. "Quota" is a limit of the
 * service and must not be exceeded, "choice" is ours and may be tuned. How many copies of the functions run and how many
 * messages each takes is in template.yaml.
 */

// Targets and changes

/** Choice. Targets that are worked on at once: quotas are per account and Region, so targets do not slow each other. */
export const CONCURRENT_TARGETS = 8;

/** Choice. Targets in other accounts whose clients are kept, 50 KB each: several times those that are worked on at once. */
export const ENTERED_TARGETS_KEPT = 4 * CONCURRENT_TARGETS;

/** Choice. Accounts whose sessions are kept, 4 KB each; one that is forgotten is entered again. */
export const SESSIONS_KEPT = 2_000;

/**
 * Choice. Changes under way at once in one target: enough to use up AssociateKmsKey's quota (5/s per account and Region,
 * not adjustable) as long as a call takes no more than 600 ms.
 */
export const CONCURRENT_CHANGES = 3;

/**
 * Choice. Invocations that change log stores of one target at a time: a second makes up for the seconds in which the first begins and
 * ends. Ten of them would have almost every second request throttled.
 */
export const REMEDIATIONS_PER_TARGET = 2;

/** Choice. How long an event waits whose target others work on, half more or less: they take 20 seconds for two batches. */
export const PUT_BACK_FOR_S = 60;

/** Choice. Stores that are read at once where no change follows: one call of DescribeLogGroups. */
export const STORES_PER_READ = 50;

/** Choice. Log stores that the journal is asked about at once; a table that is paid for by the request takes far more. */
export const CONCURRENT_JOURNAL_READS = 10;

/**
 * Choice. How long a reading of a store may be acted on, from when it was begun; then the store is read again before it is
 * changed. AWS has no conditional write, so what somebody else attaches in this time is replaced.
 */
export const READING_LASTS_MS = 2_000;

/**
 * Choice. Stores that are read at once before they are changed: as many as are changed within two seconds at 5 changes a second,
 * and those that are under way.
 */
export const STORES_READ_TO_CHANGE = 10 + CONCURRENT_CHANGES;

/**
 * Choice. How often a run reads a key, or its policy, that is throttled or unavailable: it may be readable for the next page of
 * log stores, but one that never is must not cost every page the waits of ten attempts.
 */
export const READS_PER_KEY = 3;

/**
 * Choice. A scan function that has less time left stops at the end of the page and continues in another invocation: enough
 * for one page and its events, retries included.
 */
export const TIME_TO_STOP_MS = 60_000;

/** Choice. How much longer than its invocation a scan holds its target: the clocks of two invocations may differ. */
export const HELD_LONGER_MS = 10_000;

/** Choice. How long a function acts by what it read of its configuration file, a failure included: a change takes effect within two minutes. */
export const CONFIG_LASTS_MS = 60_000;

/** Choice. How long a scan keeps its target while the event for its next part is in the queue: longer than the waits between retries. */
export const HANDED_OVER_FOR_MS = 15 * 60_000;

/** Choice. How often a scan tries to begin while others begin and end on the same target; more would be a fault of the table. */
export const BEGINS = 5;

/**
 * Choice. A remediate function that has less time left begins no change: enough for one change with its two journal entries where
 * AWS throttles two of the calls up to the last attempt, 45 s each.
 */
export const TIME_TO_CHANGE_MS = 90_000;

/** Choice, as the Timeout of the functions in template.yaml: so long a run may still write down what became of a change. */
export const INVOCATION_LASTS_MS = 300_000;

/** Choice. How far apart the clocks of two invocations, or of one and a queue, may be. AWS keeps them within much less. */
export const CLOCKS_DIFFER_MS = 30_000;

/** Choice. Findings that a retry of a scan keeps until it has succeeded: about 10 MB. Further ones are sent at once. */
export const FINDINGS_HELD = 5_000;

/** Choice. A call that waits longer to be tried again says so: a shorter wait does not seem like a hang. */
export const LONG_RETRY_MS = 2_000;

// AWS

/** Choice. Requests per call, including the first. */
export const AWS_ATTEMPTS = 10;
/** Choice. Fewer than for other calls, because the simulation of policies only makes a result more precise. */
export const IAM_ATTEMPTS = 3;
/** Choice. As few, for the same reason: which stack a log group belongs to only explains a plan. */
export const TAG_ATTEMPTS = 3;
/** Quota: the most that GetResources returns. */
export const RESOURCES_PER_CALL = 100;
/**
 * Choice. Decisions (actions times resources) that one call of SimulatePrincipalPolicy is asked for: as many as IAM returns in a
 * page by default. AWS documents no limit.
 */
export const DECISIONS_PER_SIMULATION = 100;
/**
 * Choice. Log stores of a target that a plan asks IAM about: 50 calls of SimulatePrincipalPolicy, half as many as it takes to
 * list them. An account of a million log groups must not cost IAM, which has one quota for the whole account, 10,000 calls.
 */
export const STORES_ASKED_OF_IAM = 5_000;
/** Choice. As many log groups of stacks that a plan waits for, in 50 calls of GetResources. */
export const STORES_READ_BY_TAG = 5_000;
/** Choice. Steps of a plan that wait for one question to IAM, so that log groups without a key cost few calls wherever they are. */
export const STEPS_PER_QUESTION = 1_000;
/** Quota: the most that ListRegions of Account Management returns. */
export const ACCOUNT_REGIONS_PER_CALL = 50;
/** Choice. Fewer than for other calls, because EC2 is asked only after Account Management has refused. */
export const REGION_ATTEMPTS = 3;
/** Quota: the most that the lists of AWS Organizations return. */
export const MEMBERS_PER_CALL = 20;
/**
 * Choice. How long a function acts by what the organization said of an account, and how many of its answers it keeps. An account that
 * has left cannot be entered any more in any case.
 */
export const MEMBERSHIP_LASTS_MS = 10 * 60_000;
export const MEMBERSHIPS_KEPT = 10_000;
/** Choice. Accounts that a function asks the organization about one by one in that time. Then it lists all, 20 in a call. */
export const MEMBERS_ASKED_SINGLY = 10;
/** Choice. Organizational units that are listed at once, on each level: Organizations has one low quota for the whole organization. */
export const CONCURRENT_UNITS = 3;
/** Choice. Long enough for a slow network; a lost packet costs one attempt of ten. */
export const AWS_CONNECT_TIMEOUT_MS = 5_000;
/** Choice. No call that logseal makes takes AWS more than a few seconds. */
export const AWS_REQUEST_TIMEOUT_MS = 30_000;
/**
 * Choice. Connections to one endpoint: more than are ever in use, because waiting for one counts against the connect timeout. All
 * targets share them.
 */
export const AWS_SOCKETS = 50 * CONCURRENT_TARGETS;

/**
 * Quota, per account and Region: requests a second, once AWS has throttled a call. AWS may raise the quota of DescribeLogGroups for an
 * account, that of the changes it may not.
 */
export const LOGS_REQUESTS_PER_SECOND: Readonly<Record<string, number>> = {
  DescribeLogGroups: 10,
  AssociateKmsKey: 5,
  DisassociateKmsKey: 5,
};
/** Choice. How late a paced request may be and the next ones still make up for it. AWS's quotas allow for more, a second's requests at least. */
export const MADE_UP_FOR_MS = 500;
/** Quota: the most that DescribeLogGroups returns, and the most `logGroupIdentifiers` that it takes. */
export const GROUPS_PER_CALL = 50;
/** Quota: the most that ListGrants returns. */
export const GRANTS_PER_CALL = 100;

/** Quota: the most metrics that GetMetricData takes. An hour of 500 metrics has 30,000 of the 100,800 data points of an answer. */
export const METRICS_PER_CALL = 500;
/** Choice. The metric of a canary has one value a minute. */
export const WATCH_EVERY_MS = 60_000;
/** Choice. Log stores of a canary whose newest event is read at once: DescribeLogStreams has a quota of 25/s per account and Region. */
export const CONCURRENT_STREAM_READS = 3;

/** Choice. Waits between two reads of the results of a query; doubled each time up to the longest. */
export const QUERY_FIRST_WAIT_MS = 100;
export const QUERY_LONGEST_WAIT_MS = 1_000;
/** Choice. The query covers one second of one log group, which takes a second or two. */
export const QUERY_GIVE_UP_AFTER_MS = 30_000;

/** Choice. A function that has less time left gives its messages back: enough to tell SQS when to deliver them again. */
export const TIME_TO_RETURN_MS = 15_000;
/**
 * A scan whose target is free in less than this may have given its messages back, by the later of two clocks. Less than is left to one
 * that stops at the end of a page.
 */
export const LAST_MOMENTS_MS = TIME_TO_RETURN_MS + HELD_LONGER_MS + CLOCKS_DIFFER_MS;
/** Quota: the most that ChangeMessageVisibilityBatch and SendMessageBatch take. */
export const MESSAGES_PER_CALL = 10;
/** Choice. Requests per call of a queue and how long each may take: all of them within TIME_TO_RETURN_MS. */
export const QUEUE_ATTEMPTS = 3;
export const QUEUE_REQUEST_TIMEOUT_MS = 4_000;
/** Choice. How soon an event that failed is delivered again; doubled after each attempt up to the longest. */
export const RETRY_FIRST_S = 10;
export const RETRY_LONGEST_S = 600;
/**
 * Choice. How often an event is delivered before it becomes a dead letter; template.yaml has it as maxReceiveCount. With the waits
 * above, an outage of half an hour is survived.
 */
export const MAX_RECEIVES = 10;
/** Choice. From which delivery on a failure counts as one that persists. */
export const PERSISTS_FROM_ATTEMPT = 3;
/**
 * Choice. For how long scans of a target fail before that counts as one, too, whichever events asked for them: longer than the first
 * two deliveries take at the slowest, and short enough for an alarm within 15 minutes.
 */
export const PERSISTS_AFTER_MS = 7 * 60_000;

/** Quota: PutEvents takes 10 entries a call. */
export const EVENTS_PER_CALL = 10;
/** Quota: older API models of PutEvents say 256 KB a request, the newest 1 MB. This leaves room for what surrounds the entries. */
export const EVENT_BYTES_PER_CALL = 240 * 1024;
/** Choice. Exemptions in one event: with the longest texts in the widest letters, half of what an event may have. */
export const EXEMPTIONS_PER_EVENT = 20;
/** Choice. Calls of PutEvents for an entry, including the first; the waits in between double, with full jitter. */
export const EVENT_ATTEMPTS = 8;
export const EVENT_FIRST_WAIT_MS = 50;

/** A changed key policy takes effect within seconds, seldom minutes (KMS Developer Guide, "Changing a key policy"). Choice. */
export const POLICY_READS = 30;
export const POLICY_READ_EVERY_MS = 1_000;

// Alibaba Cloud

/** Choice. Requests per call, including the first. */
export const ALIBABA_ATTEMPTS = 10;
/** Choice. Fewer than for other calls: a step that fails because the role could not be read can be tried again. */
export const RAM_ATTEMPTS = 3;
/** Choice. Waits between attempts double up to the longest, with full jitter. */
export const ALIBABA_FIRST_WAIT_MS = 100;
export const ALIBABA_LONGEST_WAIT_MS = 5_000;
/** Choice, as for AWS. The SDK's own is 3 s for both. */
export const ALIBABA_CONNECT_TIMEOUT_MS = 5_000;
export const ALIBABA_READ_TIMEOUT_MS = 30_000;

/** Quota: the most that ListProject and ListLogStores return. */
export const NAMES_PER_CALL = 500;
/** Choice. Reads of single Logstores under way at once; SLS documents no rate for them. */
export const CONCURRENT_LOGSTORE_READS = 8;
/** Choice. Logstores that are evaluated together; lists of SLS contain names only, so a page of its own means nothing. */
export const LOGSTORES_PER_PAGE = 50;
