/**
 * Every limit and default of heddle. Each limit has an error or a counter of its own; what depends on what is
 * checked when this file is loaded.
 */

const KIB = 1 << 10;
const MIB = 1 << 20;

/** Worker threads of one system. A slot names its spawner in 8 bits, and the host and the control thread count too. */
export const THREADS_MAX = 250;

/** Room of the ring from one thread to another. */
export const RING_BYTES_DEFAULT = 256 * KIB;
export const RING_BYTES_MIN = 4 * KIB;
export const RING_BYTES_MAX = 32 * MIB;
/** By default rings shrink, so that all of them together stay below this; memory that is not used costs nothing. */
export const RINGS_BYTES_TOTAL = 1024 * MIB;
/** What one SharedArrayBuffer may hold: places in it are int32. */
export const SHARED_BYTES_MAX = 2 ** 31 - 1;

/** Room of the ring for kill, stop and the like. */
export const CONTROL_RING_BYTES = 4 * KIB;

/** What a link keeps for a peer whose ring is full, and so the largest message. */
export const OUTBOX_BYTES_DEFAULT = 128 * MIB;
export const OUTBOX_BYTES_MIN = 64 * KIB;
export const OUTBOX_BYTES_MAX = 1024 * MIB;
/** How long a send from a worker waits for room before it is refused. */
export const ROOM_WAIT_MS = 1;

/** Messages that wait in one actor's mailbox. */
export const MAILBOX_DEFAULT = 65_536;
export const MAILBOX_MAX = 2 ** 30;

/** Calls of one thread that wait for a reply: the low bits of a call's number are its place in a table. */
export const CALL_INDEX_BITS = 20;
export const CALLS_MAX = 1 << CALL_INDEX_BITS;

/** Buffers that are shared with one system. */
export const SHARES_MAX = 65_536;

/** Characters of an actor's name. */
export const NAME_MAX = 200;

/** Actors on one thread that one other thread has spawned: the low bits of a slot. */
export const SLOT_INDEX_BITS = 24;
export const ACTORS_MAX = 1 << SLOT_INDEX_BITS;

/** What waits for actors that are not yet born, or whose module is still loading, on one thread: spawns and messages. */
export const HELD_BYTES_MAX = 16 * MIB;

export const CALL_TIMEOUT_MS_DEFAULT = 5_000;
export const TIMEOUT_MS_MAX = 2 ** 30;
/** How long a thread may take to import the module of a definition. */
export const IMPORT_TIMEOUT_MS_DEFAULT = 10_000;
export const SHUTDOWN_DEADLINE_MS_DEFAULT = 5_000;
/** Megabytes of any resource limit of a worker. */
export const RESOURCE_MB_MAX = 2 ** 20;
/** How long the threads of a new system may take to answer. */
export const START_TIMEOUT_MS = 30_000;

/** Longest spin before a thread sleeps. Waking a thread costs 60 to 90 us on a virtual machine, 3 to 10 on iron. */
export const SPIN_MICROS_DEFAULT = 100;
export const SPIN_MICROS_MAX = 1_000_000;

/** Messages that an actor handles before the next one runs. */
export const ACTOR_BUDGET = 128;
/** Records that a thread takes from one ring before it looks at the others. */
export const RING_BUDGET = 64;
/** How long a busy thread keeps the event loop waiting. */
export const TURN_MS = 1;
/** Messages, or looks that found nothing, between two looks at the clock. */
export const CLOCK_STRIDE = 32;

/** Characters of a traceparent; one of W3C's version 0 has 55. */
export const TRACEPARENT_MAX = 512;
/** Calls that wait on one thread together with their trace; those beyond are handled without. */
export const TRACES_MAX = 65_536;

/** Restarts that a supervisor makes, and within what time, before it fails; each one within it is remembered. */
export const RESTARTS_DEFAULT = 3;
export const RESTARTS_MAX = 10_000;
export const RESTARTS_WITHIN_MS_DEFAULT = 5_000;
/** How a supervisor that is told to back off waits before a restart. */
export const BACK_OFF_MIN_MS_DEFAULT = 100;
export const BACK_OFF_MAX_MS_DEFAULT = 30_000;
export const BACK_OFF_FACTOR_DEFAULT = 2;
export const BACK_OFF_FACTOR_MAX = 100;
export const BACK_OFF_JITTER_DEFAULT = 0.2;
export const BACK_OFF_RESET_MS_DEFAULT = 60_000;
/** Children of one supervisor. What happens to one of them costs time in proportion to their number. */
export const CHILDREN_DEFAULT = 1_024;
export const CHILDREN_MAX = 65_536;

/** Dead letters and problems that wait for a reader. */
export const REPORTS_MAX = 1_024;
/** Characters of a message, and of a stack, that cross a thread with an error. */
export const ERROR_TEXT_MAX = 8_192;
/** Errors that a cause refers to, one by one, when they cross a thread. */
export const CAUSES_MAX = 4;

const relationsHold =
  THREADS_MAX + 2 <= 2 ** (32 - SLOT_INDEX_BITS) &&
  RING_BYTES_MIN <= RING_BYTES_DEFAULT &&
  RING_BYTES_DEFAULT <= RING_BYTES_MAX &&
  RINGS_BYTES_TOTAL < SHARED_BYTES_MAX &&
  OUTBOX_BYTES_MIN <= OUTBOX_BYTES_DEFAULT &&
  OUTBOX_BYTES_DEFAULT <= OUTBOX_BYTES_MAX &&
  CALL_INDEX_BITS < 31 &&
  BACK_OFF_MIN_MS_DEFAULT <= BACK_OFF_MAX_MS_DEFAULT &&
  CHILDREN_DEFAULT <= CHILDREN_MAX &&
  RING_BUDGET <= ACTOR_BUDGET;
if (!relationsHold) throw new Error('base/limits: the limits contradict each other');
