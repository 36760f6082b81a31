/** What one can ask of an actor's life. They travel in records of commands. */
export const STOP = 1;
export const KILL = 2;
export const DRAIN = 3;
export type Ending = typeof STOP | typeof KILL | typeof DRAIN;

export const WATCH = 4;
export const UNWATCH = 5;
/** Stop for good; from a parent. */
export const DISMISS = 6;
/** Stop, to be started again; from a supervisor. */
export const HALT_ACTOR = 7;
/** Have another parent. */
export const LINK = 8;
export const UNLINK = 9;
/** Say when everything is handled that came before. */
export const BARRIER = 10;
/** Have one more name, or one less. */
export const ALIAS = 11;
export const UNALIAS = 12;
