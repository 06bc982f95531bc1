import { CloudError, type JournalError, type UsageError } from '../../errors.ts';

/** What stands in the outcome of a log store whose journal cannot be read or written. */
export function journalFailure(error: JournalError | UsageError): { readonly code: string; readonly message: string } {
  const code = error.cause instanceof CloudError ? error.cause.code : 'INVALID_REQUEST';
  return { code, message: error.message };
}
