/**
 * In the package, this stands in for `lz4-napi`, a native module. Alibaba's SDK loads it with its client of SLS, and calls it only for
 * PutLogs, PullLogs, GetLogsV2 and PreviewSPL, which carry the contents of logs: logseal makes none of these calls.
 */
function refuse(): never {
  throw new Error('lz4 is not part of the package of logseal, which reads and writes no contents of logs');
}

export const compress = refuse;
export const uncompress = refuse;
