/** The emulator's default account. */
export const ACCOUNT = '000000000000';
/** The Region of the samples in events/. */
export const REGION = 'eu-west-1';
