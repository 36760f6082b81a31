/**
 * What travels in the rings. Every record has the ring's header of 8 bytes (length, type, running number); what
 * follows depends on the type.
 *
 * ```
 *   request (a cast)          request (a call)            reply                    failure
 *   +8   slot                 +8   slot                   +8   call                +8   call
 *   +12  generation           +12  generation             +12  0                   +12  0
 *   +16  message              +16  call                   +16  value               +16  general value
 *                             +20  deadline
 *                             +24  message
 *
 *   piece                     apart                       control, spawn, ...
 *   +8   attachment           +8   type of the whole      +8   general words, see the functions that write them
 *   +12  bytes in all         +12  attachment
 *   +16  bytes in this piece
 *   +24  bytes
 * ```
 *
 * A cast's header is 16 bytes, a call's 24; casts and calls have types of their own, so that whoever refuses a call for
 * an actor that is gone knows that somebody waits. A slot says on its target thread which actor is meant, the generation
 * which of those that have had the slot; a call's number says on the calling thread who waits.
 */

export const PIECE = 1;
/** A record that is too large to be one: it has been sent in pieces, and is now to be read there. */
export const APART = 2;
export const REPLY = 3;
export const FAILURE = 4;
/** A definition and the number that its sender will use for it. */
export const ANNOUNCE = 5;
export const SPAWN = 6;
/** Stop, kill, drain an actor, or tell when it has ended. */
export const COMMAND = 7;
/** Slots whose actors have ended, back to the thread that spawned them. */
export const FREED = 8;
/** A dead letter or a problem, for the host. */
export const REPORT = 9;
/** To every thread: the system ends. */
export const HALT = 10;
/** From the control thread: a thread has ended. */
export const THREAD_ENDED = 11;
/** The trace that a call belongs to, which follows. */
export const TRACE = 12;

/** Messages of actors: one of these and the number of the message in its protocol. */
export const CAST_REQUEST = 64;
export const CALL_REQUEST = 2048;

/** Offsets from the start of a record. */
export const BODY_AT = 8;
export const CAST_AT = 16;
export const CALL_AT = 24;
export const REPLY_AT = 16;
export const PIECE_AT = 24;

/** Offsets in words. */
export const SLOT = 2;
export const GENERATION = 3;
export const CALL = 4;
export const DEADLINE = 5;
export const REPLY_CALL = 2;
