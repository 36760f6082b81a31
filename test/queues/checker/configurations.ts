/** The rings and talks that are checked. Payloads are counted in words, so a message of one word takes 16 bytes. */
import type { Configuration } from './check.js';

/** Two records of 16 bytes. */
const two = { capacityBytes: 32, lineBytes: 16 };
/** Records of 16, 32 and 24 bytes, which do not end where the ring ends. */
const lengths = { capacityBytes: 64, lineBytes: 16, messages: [1, 5, 3, 1] };

/** Batches of 56, 48 and 40 bytes in lines of 32; the last one is as long as the first record. */
const batches = { capacityBytes: 128, lineBytes: 32, messages: [7, 1, 5, 1, 1, 3], batch: 2 };

/** Bytes and records that have gone through before, so that positions and numbers pass 2^31 or 2^32. */
const before = (turn: number): { position: number; number: number } => ({
  position: (turn - 32) | 0,
  number: (turn - 2) | 0,
});
const HALF_TURN = 2 ** 31;
const FULL_TURN = 2 ** 32;

/** What a hand-written model of such a ring had: less would say that accesses are left out. */
const STATES_MIN = 90_000;

export const configurations = {
  two: { name: 'two records of room, three messages', ...two, messages: [1, 1, 1] },
  large: {
    name: 'two records of room that fill their lines, three messages, flags and notes',
    capacityBytes: 128,
    lineBytes: 64,
    messages: [13, 13, 13],
    drain: 1,
    flags: true,
    notes: true,
    statesMin: STATES_MIN,
  },
  history: {
    name: 'two records of room and two messages, with all histories told apart',
    ...two,
    messages: [1, 1],
    rests: false,
    statesMin: STATES_MIN,
  },
  timeLimits: { name: 'sleeps that may end by their time limits', ...two, messages: [1, 1, 1], timeLimits: true },
  eventLoop: { name: 'sleeps on event loops', ...two, messages: [1, 1, 1], eventLoop: true },
  lengths: { name: 'records of different lengths that go round', ...lengths },
  oneByOne: { name: 'records of different lengths, drained one by one', ...lengths, drain: 1 },
  batches: { name: 'batches of two that do not end with a line', ...batches },
  batchesOneByOne: { name: 'batches of two, drained one by one', ...batches, drain: 1 },
  unpublished: {
    name: 'a producer that leaves publishing to the ring, and claims what it does not commit',
    capacityBytes: 64,
    lineBytes: 16,
    messages: [3, 5, 1],
    batch: 9,
    claims: true,
    start: { position: 16, number: 0 },
  },
  atClosing: { name: 'a producer that leaves publishing to closing', ...two, messages: [1, 1], batch: 9 },
  again: { name: 'a producer that must wait for room again and again', ...two, messages: [1, 1, 1, 1, 1], drain: 1 },
  answers: { name: 'a producer that waits for answers', ...two, messages: [1, 1], answers: true },
  echo: { name: 'two rings and one bell per thread, echoes', ...two, messages: [1, 1, 1], echo: true },
  flags: { name: 'a change of flags behind the last message', ...two, messages: [1], flags: true },
  notes: { name: 'notes from the consumer', ...two, messages: [1, 1], notes: true },
  hangUp: { name: 'a consumer that closes', ...two, messages: [1, 1, 1, 1], hangUp: 1 },
  takeOver: { name: 'both ends taken over', ...two, messages: [1, 1, 1], takeOver: 1 },
  unrung: {
    name: 'a producer taken over that ended before it rang',
    ...two,
    messages: [1, 1],
    takeOver: 1,
    // Waits, so that nothing that comes later heals what is lost.
    answers: true,
    endsBefore: 'ring',
  },
  unwoken: {
    name: 'a producer taken over that ended in the middle of a ring',
    ...two,
    messages: [1, 1],
    takeOver: 1,
    answers: true,
    endsBefore: 'wake',
  },
  takeOverBatch: {
    name: 'both ends taken over behind a batch, with paddings that are released alone',
    capacityBytes: 128,
    lineBytes: 32,
    messages: [1, 3, 1],
    batch: 2,
    takeOver: 2,
    interrupt: true,
  },
  halfTurn: {
    name: 'positions and numbers that pass 2^31',
    ...two,
    messages: [1, 1, 1],
    start: before(HALF_TURN),
  },
  fullTurn: {
    name: 'positions and numbers that pass 2^32',
    ...two,
    messages: [1, 1, 1],
    start: before(FULL_TURN),
  },
  halfTurnLengths: {
    name: 'records of different lengths that pass 2^31',
    ...lengths,
    start: before(HALF_TURN),
  },
  fullTurnLengths: {
    name: 'records of different lengths that pass 2^32',
    ...lengths,
    start: before(FULL_TURN),
  },
} satisfies Record<string, Configuration>;

export type ConfigurationName = keyof typeof configurations;

/** For who has the time. */
export const soakConfigurations: readonly Configuration[] = [
  { name: 'four records of room, eight messages', ...two, capacityBytes: 64, messages: [1, 1, 1, 3, 1, 1, 1, 1] },
  {
    name: 'everything at once',
    capacityBytes: 128,
    lineBytes: 32,
    messages: [1, 5, 3, 7, 1, 2, 6, 1, 5],
    batch: 2,
    drain: 2,
    notes: true,
    flags: true,
    takeOver: 4,
  },
  {
    name: 'event loops, batches, past 2^32',
    capacityBytes: 64,
    lineBytes: 16,
    messages: [1, 5, 3, 1, 2, 4, 1, 5],
    batch: 2,
    drain: 1,
    eventLoop: true,
    start: before(FULL_TURN),
  },
];
