/**
 * Every access to shared memory that a ring makes, in its order: the real ends, on a memory that tells of each.
 *
 * Each line is an access: its flavour, its word, and what it stores where that says something. What `tryWrite` copies
 * by `Uint8Array.set` is no single access and is not told; it stands between the claim and the commit.
 */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { RecordConsumer } from '../../native-free-queues/consumer.js';
import type { RingPlace } from '../../native-free-queues/contract.js';
import * as layout from '../../native-free-queues/layout.js';
import { createRing } from '../../native-free-queues/place.js';
import { RecordProducer } from '../../native-free-queues/producer.js';
import { blockWait, eventLoopWait } from '../../native-free-queues/wait.js';
import { dataRange, ignore, pattern } from '../support/rings.js';
import { type Access, forgetHooks, memory, record } from '../support/told-memory.js';

vi.mock('../../native-free-queues/memory.js', async (importOriginal) =>
  (await import('../support/told-memory.js')).tellOf(await importOriginal()),
);

const CAPACITY_BYTES = 1 << 10;
const LONGEST = layout.recordBytesMax(CAPACITY_BYTES);
const FOREVER = Number.POSITIVE_INFINITY;

const HEADER_WORDS: Readonly<Record<number, string>> = {
  [layout.TAIL_WORD]: 'tail',
  [layout.WANTED_WORD]: 'wish',
  [layout.PUBLISHED_NUMBER_WORD]: 'published number',
  [layout.HEAD_WORD]: 'head',
  [layout.TAKEN_WORD]: 'taken',
  [layout.RELEASED_NUMBER_WORD]: 'released number',
  [layout.NOTE_WORD]: 'first note',
  [layout.PRODUCER_BELL_WORD]: 'producer bell',
  [layout.CONSUMER_BELL_WORD]: 'consumer bell',
  [layout.PRODUCER_CLOSED_WORD]: 'producer closed',
  [layout.CONSUMER_CLOSED_WORD]: 'consumer closed',
};
const RECORD_WORDS = ['header', 'number', 'length'];
const BELL_VALUES = ['awake', 'asleep'];
const WISH_VALUES = ['granted', 'made'];

/** Where the records that a scenario speaks of begin, in bytes behind the beginning of the data, in this order. */
type Records = Readonly<Record<string, number>>;

let place: RingPlace;
let producer: RecordProducer;
let consumer: RecordConsumer;

beforeEach(() => {
  forgetHooks();
  place = createRing(CAPACITY_BYTES);
  producer = new RecordProducer(place);
  consumer = new RecordConsumer(place);
});

const wordName = (index: number, records: Records): string => {
  const header = HEADER_WORDS[index];
  if (header !== undefined) return header;
  const bytes = index * 4 - dataRange(place)[0];
  const [name, at] = Object.entries(records).findLast(([, begin]) => begin <= bytes) ?? ['the data', 0];
  return `${RECORD_WORDS[(bytes - at) / 4] ?? `word ${(bytes - at) / 4}`} of ${name}`;
};

const valueName = ({ flavour, index, value }: Access): string => {
  if (flavour.startsWith('load') || flavour === 'storePlain' || flavour === 'wake') return '';
  const name = HEADER_WORDS[index]!;
  if (name.endsWith('bell')) return `: ${BELL_VALUES[value]}`;
  return name === 'wish' ? `: ${WISH_VALUES[value]}` : '';
};

const told = (records: Records, accesses: readonly Access[]): string[] =>
  accesses.map((access) => `${access.flavour} ${wordName(access.index, records)}${valueName(access)}`);

/** A call, and the accesses that it makes. */
interface Step {
  readonly call: string;
  readonly does: () => unknown;
  readonly accesses: readonly string[];
}

interface Scenario {
  readonly name: string;
  readonly records?: Records;
  /** What has happened before. */
  readonly given?: () => void;
  readonly steps: readonly Step[];
}

/** A template whose lines are accesses. */
const accesses = ([text]: TemplateStringsArray): string[] =>
  text!
    .split('\n')
    .map((line) => line.trim().replace(/\s+/g, ' '))
    .filter((line) => line !== '');
const NONE: readonly string[] = [];

/** Commits a record of so many bytes. */
const write = (bytes: number): void => producer.commit(producer.claim(bytes), bytes, 1);
const send = (...lengths: number[]): void => {
  for (const bytes of lengths) write(bytes);
  producer.publish();
};
const receiveAll = (): void => {
  consumer.drain(ignore, FOREVER);
  consumer.release();
};
/** Moves both ends on without anything in the ring. */
const moveTo = (bytes: number): void => {
  while ((producer.position & (CAPACITY_BYTES - 1)) !== bytes) {
    send(64);
    receiveAll();
  }
};
const fillRing = (): void => {
  for (let i = 0; i < CAPACITY_BYTES / LONGEST; i++) write(LONGEST);
  producer.publish();
};

const sending: readonly Scenario[] = [
  {
    name: 'a first record',
    records: { first: 0, next: 64 },
    steps: [
      { call: 'claim', does: () => producer.claim(64), accesses: NONE },
      {
        call: 'commit',
        does: () => producer.commit(producer.cursor, 64, 1),
        accesses: accesses`
          storePlain  header of first
          storePlain  number of first`,
      },
      {
        call: 'publish, with nobody asleep',
        does: () => producer.publish(),
        accesses: accesses`
          storePlain  published number
          publish     tail
          storePlain  header of next
          loadShared  consumer bell`,
      },
    ],
  },
  {
    name: 'a payload, whose record grows to the end of its cache line',
    records: { first: 0, next: 64 },
    steps: [
      {
        call: 'tryWrite',
        does: () => producer.tryWrite(1, pattern(1, 20)),
        accesses: accesses`
          storePlain  length of first
          storePlain  header of first
          storePlain  number of first`,
      },
      {
        call: 'publish',
        does: () => producer.publish(),
        accesses: accesses`
          loadPlain   header of first
          storePlain  header of first
          storePlain  published number
          publish     tail
          storePlain  header of next
          loadShared  consumer bell`,
      },
    ],
  },
  {
    name: 'a batch of three, padded to the end of its cache line',
    records: { first: 0, second: 16, third: 40, padding: 56, next: 64 },
    steps: [
      {
        call: 'three claims and commits',
        does: () => [16, 24, 16].forEach(write),
        accesses: accesses`
          storePlain  header of first
          storePlain  number of first
          storePlain  header of second
          storePlain  number of second
          storePlain  header of third
          storePlain  number of third`,
      },
      {
        call: 'publish',
        does: () => producer.publish(),
        accesses: accesses`
          loadPlain   header of first
          storePlain  header of padding
          storePlain  published number
          publish     tail
          storePlain  header of next
          loadShared  consumer bell`,
      },
      { call: 'publish again', does: () => producer.publish(), accesses: NONE },
    ],
  },
  {
    name: 'a claim behind a batch that is long enough',
    records: { first: 0, next: 128 },
    given: () => write(LONGEST),
    steps: [
      {
        call: 'claim',
        does: () => producer.claim(64),
        accesses: accesses`
          storePlain  published number
          publish     tail
          storePlain  header of next
          loadShared  consumer bell`,
      },
    ],
  },
  {
    name: 'a record that does not fit before the end of the ring, behind one that is not published',
    records: { first: 0, next: 64, last: 960, padding: 976 },
    given: () => {
      moveTo(960);
      write(16);
    },
    steps: [
      {
        call: 'claim',
        does: () => producer.claim(64),
        accesses: accesses`
          loadShared  head
          storePlain  header of padding
          storePlain  published number
          publish     tail
          loadShared  consumer bell`,
      },
      {
        call: 'commit and publish',
        does: () => {
          producer.commit(producer.cursor, 64, 1);
          producer.publish();
        },
        accesses: accesses`
          storePlain  header of first
          storePlain  number of first
          storePlain  published number
          publish     tail
          storePlain  header of next
          loadShared  consumer bell`,
      },
    ],
  },
  {
    name: 'a record that does not fit before the end of the ring, with nothing in front of it',
    records: { padding: 960 },
    given: () => moveTo(960),
    steps: [
      {
        call: 'claim',
        does: () => producer.claim(LONGEST),
        accesses: accesses`
          loadShared  head
          storePlain  header of padding`,
      },
    ],
  },
  {
    name: 'a claim when the copy of the head says full, and the head says that there is room',
    given: () => {
      fillRing();
      receiveAll();
    },
    steps: [
      { call: 'claim', does: () => expect(producer.claim(8)).toBeGreaterThan(0), accesses: ['loadShared head'] },
      { call: 'claim again', does: () => producer.claim(8), accesses: NONE },
    ],
  },
  {
    name: 'a claim in a full ring',
    records: { next: 960 },
    given: () => {
      send(...Array(7).fill(LONGEST));
      write(64);
    },
    steps: [
      {
        call: 'claim, with a batch that is not published',
        does: () => expect(producer.claim(LONGEST)).toBe(-1),
        accesses: accesses`
          loadShared  head
          storePlain  published number
          publish     tail
          storePlain  header of next
          loadShared  consumer bell
          loadShared  consumer closed`,
      },
      {
        call: 'claim again',
        does: () => expect(producer.claim(LONGEST)).toBe(-1),
        accesses: accesses`
          loadShared  head
          loadShared  consumer closed`,
      },
    ],
  },
  {
    name: 'a publication for a consumer that sleeps',
    records: { next: 64 },
    given: () => {
      consumer.bell.arm();
      write(64);
    },
    steps: [
      {
        call: 'publish',
        does: () => expect(producer.publish()).toBe(true),
        accesses: accesses`
          storePlain  published number
          publish     tail
          storePlain  header of next
          loadShared  consumer bell
          exchange    consumer bell: awake
          wake        consumer bell`,
      },
    ],
  },
  {
    name: 'flags alone',
    records: { next: 0 },
    given: () => producer.setFlags(3),
    steps: [
      {
        call: 'publish',
        does: () => producer.publish(),
        accesses: accesses`
          storePlain  published number
          publish     tail
          storePlain  header of next
          loadShared  consumer bell`,
      },
    ],
  },
];

const receiving: readonly Scenario[] = [
  {
    name: 'an empty ring',
    steps: [
      { call: 'drain', does: () => consumer.drain(ignore, 1), accesses: ['loadShared tail'] },
      { call: 'release', does: () => consumer.release(), accesses: NONE },
    ],
  },
  {
    name: 'one record',
    records: { first: 0 },
    given: () => send(64),
    steps: [
      {
        call: 'drain',
        does: () => consumer.drain(ignore, 1),
        accesses: accesses`
          loadShared  tail
          loadPlain   header of first
          storePlain  taken
          loadPlain   number of first`,
      },
      {
        call: 'release, with nobody waiting for room',
        does: () => consumer.release(),
        accesses: accesses`
          loadPlain   released number
          storePlain  released number
          publish     head
          loadShared  wish`,
      },
      { call: 'release again', does: () => consumer.release(), accesses: NONE },
    ],
  },
  {
    name: 'a batch of three with its padding: one look at the tail for all of them',
    records: { first: 0, second: 16, third: 40, padding: 56 },
    given: () => send(16, 24, 16),
    steps: [
      {
        call: 'drain of two',
        does: () => consumer.drain(ignore, 2),
        accesses: accesses`
          loadShared  tail
          loadPlain   header of first
          storePlain  taken
          loadPlain   number of first
          loadPlain   header of second
          storePlain  taken
          loadPlain   number of second
          loadPlain   header of third`,
      },
      {
        call: 'drain of the rest',
        does: () => consumer.drain(ignore, FOREVER),
        accesses: accesses`
          loadPlain   header of third
          storePlain  taken
          loadPlain   number of third
          loadPlain   header of padding
          storePlain  taken`,
      },
      {
        call: 'release of all',
        does: () => consumer.release(),
        accesses: accesses`
          loadPlain   released number
          storePlain  released number
          publish     head
          loadShared  wish`,
      },
    ],
  },
  {
    name: 'room for a producer that waits for it',
    given: () => {
      fillRing();
      producer.bell.arm();
      producer.wantRoom();
      consumer.drain(ignore, 1);
    },
    steps: [
      {
        call: 'release',
        does: () => consumer.release(),
        accesses: accesses`
          loadPlain   released number
          storePlain  released number
          publish     head
          loadShared  wish
          exchange    wish: granted
          loadShared  producer bell
          exchange    producer bell: awake
          wake        producer bell`,
      },
    ],
  },
  {
    name: 'a note',
    steps: [
      { call: 'publishNote', does: () => consumer.publishNote(0, 7), accesses: ['publish first note'] },
      { call: 'loadNote', does: () => producer.loadNote(0), accesses: ['loadShared first note'] },
    ],
  },
];

const sleeping: readonly Scenario[] = [
  {
    name: 'a consumer that sleeps until it is woken',
    given: () => {
      memory.sleep = () => 'ok';
    },
    steps: [
      {
        call: 'waitForNews',
        does: () => consumer.waitForNews(blockWait(FOREVER)),
        accesses: accesses`
          publish     consumer bell: asleep
          loadShared  tail
          loadShared  producer closed
          waitOn      consumer bell: asleep
          publish     consumer bell: awake`,
      },
    ],
  },
  {
    name: 'a consumer whose last look finds news',
    given: () => send(64),
    steps: [
      {
        call: 'waitForNews',
        does: () => consumer.waitForNews(blockWait(FOREVER)),
        accesses: accesses`
          publish     consumer bell: asleep
          loadShared  tail
          publish     consumer bell: awake`,
      },
    ],
  },
  {
    name: 'a consumer that sleeps on its event loop',
    steps: [
      {
        call: 'waitForNews',
        does: () => void consumer.waitForNews(eventLoopWait()),
        accesses: accesses`
          publish      consumer bell: asleep
          loadShared   tail
          loadShared   producer closed
          waitOnAsync  consumer bell: asleep`,
      },
    ],
  },
  {
    name: 'a producer that sleeps until there is room',
    given: fillRing,
    steps: [
      {
        call: 'waitForRoom',
        does: () => producer.waitForRoom(8, blockWait(FOREVER)),
        accesses: accesses`
          publish     producer bell: asleep
          loadShared  head
          loadShared  consumer closed
          loadShared  producer bell
          publish     wish: made
          loadShared  head
          loadShared  consumer closed
          waitOn      producer bell: asleep
          publish     producer bell: awake`,
      },
    ],
  },
  {
    name: 'a bell that is rung for a thread that has ended',
    steps: [
      {
        call: 'rouse',
        does: () => consumer.bell.rouse(),
        accesses: accesses`
          exchange  consumer bell: awake
          wake      consumer bell`,
      },
    ],
  },
];

const ending: readonly Scenario[] = [
  {
    name: 'a producer that closes behind a record',
    records: { next: 64 },
    given: () => write(64),
    steps: [
      {
        call: 'close',
        does: () => producer.close(),
        accesses: accesses`
          storePlain  published number
          publish     tail
          storePlain  header of next
          loadShared  consumer bell
          publish     producer closed
          loadShared  consumer bell`,
      },
      {
        call: 'ended, of the consumer',
        does: () => expect(consumer.ended).toBe(false),
        accesses: accesses`
          loadShared  producer closed
          loadShared  tail`,
      },
    ],
  },
  {
    name: 'a consumer that closes under a producer that sleeps',
    given: () => producer.bell.arm(),
    steps: [
      {
        call: 'close',
        does: () => consumer.close(),
        accesses: accesses`
          publish     consumer closed
          loadShared  producer bell
          exchange    producer bell: awake
          wake        producer bell`,
      },
    ],
  },
  {
    name: 'ends that take a ring over in which a record waits',
    records: { first: 0, second: 64 },
    given: () => {
      send(64);
      send(64);
      consumer.drain(ignore, 1);
    },
    steps: [
      {
        call: 'new RecordProducer',
        does: () => new RecordProducer(place),
        accesses: accesses`
          loadPlain   tail
          loadShared  head
          loadPlain   header of first
          loadPlain   number of first
          loadPlain   header of second
          loadPlain   number of second
          storePlain  published number
          loadPlain   producer closed
          exchange    consumer bell: awake
          wake        consumer bell`,
      },
      {
        call: 'new RecordConsumer',
        does: () => new RecordConsumer(place),
        accesses: accesses`
          loadPlain   taken
          loadPlain   head
          loadPlain   header of first
          loadPlain   number of first
          exchange    producer bell: awake
          wake        producer bell`,
      },
    ],
  },
];

const run = ({ records = {}, given, steps }: Scenario): void => {
  given?.();
  for (const { call, does, accesses: expected } of steps) {
    const made = record(() => void does());
    expect({ call, accesses: told(records, made) }).toEqual({ call, accesses: expected });
  }
};

for (const [theme, scenarios] of Object.entries({ sending, receiving, sleeping, ending })) {
  describe(`the accesses of ${theme}`, () => {
    for (const scenario of scenarios) it(scenario.name, () => run(scenario));
  });
}
