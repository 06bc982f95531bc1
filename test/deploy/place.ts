/** Whose account the emulator is when nobody says otherwise. */
export const ACCOUNT = '000000000000';
/** Where the samples in events/ are from. */
export const REGION = 'eu-west-1';
