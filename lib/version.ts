import manifest from '../package.json' with { type: 'json' };

/** The version of logseal. */
export const VERSION: string = manifest.version;
