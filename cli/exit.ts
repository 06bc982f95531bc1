/** What the process returns to its caller; of several that hold: 130, 2, 1, 3, 0. */
export const EXIT = { OK: 0, NOT_DONE: 1, USAGE: 2, NOT_COMPLIANT: 3, INTERRUPTED: 130 } as const;
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];
