/** Choice. A thousand exemptions have some 250 KiB. */
export const MAX_CONFIG_MIB = 1;
export const MAX_CONFIG_BYTES = MAX_CONFIG_MIB * 1024 * 1024;
