/** Changes whenever a message changes: host and engine must be of the same build. */
export const PROTOCOL_VERSION = 1;
