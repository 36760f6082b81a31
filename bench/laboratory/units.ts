export const MS_PER_SECOND = 1e3;
export const NANOSECONDS_PER_MS = 1e6;
export const NANOSECONDS_PER_SECOND = 1e9;
export const MESSAGES_PER_MILLION = 1e6;
