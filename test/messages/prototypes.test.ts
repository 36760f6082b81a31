/**
 * Messages that are made to reach a prototype or to have their code called. Whatever door they take, they are refused, or
 * arrive as data, and every prototype is as it was.
 */
import { any, bytes, date, f64, list, oneOf, optional, record, text, union } from 'heddle';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InvalidMessage } from '../../src/base/errors.js';
import { packError, unpackError } from '../../src/messages/envelope.js';
import { CorruptRecord } from '../../src/messages/memory.js';
import type { Entry } from '../../src/messages/protocol.js';
import { Warden } from '../actors/warden.js';
import { ATTACKS, isData } from '../support/attacks.js';
import { AT, type Door, doorsOf, makeTools } from '../support/codecs.js';
import { changesOf, snapshotOf } from '../support/prototypes.js';
import { finish, start } from '../support/systems.js';

/** Code that was called though nobody has a reason to. */
const called: string[] = [];
const noteCall = (what: string): void => {
  called.push(what);
};

let before: ReturnType<typeof snapshotOf>;
beforeEach(() => {
  before = snapshotOf();
  called.length = 0;
});
afterEach(() => {
  expect(changesOf(before)).toEqual([]);
  expect(called).toEqual([]);
});

const ATTACKS_MIN = 100;

it(`are ${ATTACKS.length}`, () => {
  expect(new Set(ATTACKS.map(({ name }) => name)).size).toBe(ATTACKS.length);
  expect(ATTACKS.length).toBeGreaterThan(ATTACKS_MIN);
});

type Outcome = 'refused' | 'data';

/** What becomes of a message that `pass` sends. @throws Error if it is neither refused nor data */
const outcomeOf = (pass: () => unknown): Outcome => {
  let arrived: unknown;
  try {
    arrived = pass();
  } catch (error) {
    if (error instanceof InvalidMessage) return 'refused';
    throw error;
  }
  if (isData(arrived)) return 'data';
  throw new Error('what has arrived is no data');
};

/** Where an attack can stand in a message. */
const positions: readonly (readonly [name: string, declared: Entry, around: (attack: unknown) => unknown])[] = [
  ['the message', any(), (attack) => attack],
  ['a record', { t: text, v: any(), n: optional(f64) }, (attack) => attack],
  ['a field of any type', { v: any() }, (v) => ({ v })],
  ['an element', list(any()), (attack) => [attack]],
  ['a list', { vs: list(any()) }, (vs) => ({ vs })],
  ['a text', { t: text }, (t) => ({ t })],
  ['a number', { n: f64 }, (n) => ({ n })],
  ['bytes', { b: bytes }, (b) => ({ b })],
  ['a date', { d: date }, (d) => ({ d })],
  ['one of some texts', { t: oneOf('a', 'constructor', 'b') }, (t) => ({ t })],
  ['a nested record', { r: record({ constructor: optional(any()), toJSON: optional(text) }) }, (r) => ({ r })],
  ['an optional record', { r: optional(record({ toString: any() })) }, (r) => ({ r })],
  ['a union', union('kind', { a: { constructor: any() }, constructor: { t: text } }), (attack) => attack],
  [
    'fields with hostile names',
    { constructor: any(), prototype: any(), hasOwnProperty: any(), length: any() },
    (attack) => ({ constructor: attack, prototype: attack, hasOwnProperty: attack, length: attack }),
  ],
];

describe.each(positions)('a hostile value as %s', (_name, declared, around) => {
  const tools = makeTools(1 << 16);

  it('is refused, or arrives as data', () => {
    const outcomes = new Set<Outcome>();
    for (const door of doorsOf(declared, { tools })) {
      for (const { name, make } of ATTACKS) {
        try {
          outcomes.add(outcomeOf(() => pass(door, around(make(noteCall)))));
        } catch (error) {
          throw new Error(`${name}, ${door.name}`, { cause: error });
        }
      }
    }
    expect(outcomes).toContain('refused');
  });

  /** On the same thread, general values stay as they are, with whatever their own thread has given them. */
  const pass = (door: Door, message: unknown): unknown => {
    const end = door.codec.encode(message, AT, 1 << 15);
    const arrived = door.codec.decode(AT, end);
    door.codec.take(message);
    return arrived;
  };
});

describe('a record with a key that has become __proto__ on its way', () => {
  const HARMLESS = '__protO__';
  const key = (value: unknown): object => ({ a: 1, [HARMLESS]: value, b: 2 });
  const polluted = key({ polluted: true });

  it.each([
    ['an object', polluted],
    ['an object with nothing under it', key(null)],
    ['an element', [0, polluted]],
    ['a key of a Map', new Map([[polluted, 1]])],
    ['a value of a Map', new Map([['k', polluted]])],
    ['an element of a Set', new Set([polluted])],
    ['a member', { deep: { deeper: polluted } }],
    ['an error', { name: 'Error', message: 'm', [HARMLESS]: polluted }],
    ['the cause of an error', { name: 'Error', message: 'm', cause: polluted }],
  ])('is corrupt: %s', (_name, value) => {
    const tools = makeTools(1 << 16);
    const { text: memory } = tools.memory;
    for (const { codec, name } of doorsOf({ v: any(), t: text }, { tools })) {
      const end = codec.encode({ v: value, t: 'x' }, AT, 1 << 15);
      for (let at = memory.indexOf(HARMLESS, AT); at >= 0; at = memory.indexOf(HARMLESS, at))
        memory.write('__proto__', at);
      expect(() => codec.decode(AT, end), name).toThrow(CorruptRecord);
    }
  });

  it('may have it in its texts, and as a key of a Map', () => {
    const value = { t: '__proto__', m: new Map([['__proto__', { polluted: true }]]), s: new Set(['__proto__']) };
    for (const door of doorsOf(any())) expect(door.pass(value)).toEqual(value);
  });
});

describe('an error made of hostile values', () => {
  const errorOf = (envelope: unknown): void => {
    const error = unpackError(envelope, 'on thread 1');
    expect(Object.getPrototypeOf(error)).toBe(Error.prototype);
    for (const name of ['name', 'message', 'stack'] as const) expect(typeof error[name]).toBe('string');
    for (const name of ['code', 'remoteStack'] as const) expect(typeof (error[name] ?? '')).toBe('string');
    if (error.cause !== undefined) expect(error.cause).toBeInstanceOf(Error);
  };

  it('is an Error with texts, whatever was thrown', () => {
    const [door] = doorsOf(any()) as [Door];
    for (const { make } of ATTACKS) {
      const value = make(noteCall);
      const error = new Error('m', { cause: value });
      for (const thrown of [
        value,
        error,
        Object.assign(new Error('m'), { name: value, message: value, code: value }),
      ]) {
        errorOf(door.pass(packError(thrown)));
      }
    }
  });

  it('is an Error with texts, whatever is in its envelope', () => {
    const [door] = doorsOf(any()) as [Door];
    for (const { make } of ATTACKS) {
      for (const around of [
        (value: unknown) => value,
        (value: unknown) => ({ name: value, message: value, code: value, stack: value, cause: value }),
        (value: unknown) => ({ name: 'E', message: 'm', cause: { cause: value, stack: '' } }),
      ]) {
        if (outcomeOf(() => door.pass(around(make(noteCall)))) === 'refused') continue;
        errorOf(door.pass(around(make(noteCall))));
      }
    }
  });
});

describe.each([
  { where: 'on another thread', place: 1 },
  { where: 'on the same thread', place: 0 },
])('an actor $where', ({ place }) => {
  const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

  it('gets no hostile value but as data: as a message, a reply, or what it is spawned with', async () => {
    const system = await start({ threads: 1 });
    const warden = await system.spawn(Warden, undefined, { place });
    const outcomes = { refused: 0, data: 0 };
    const note = (name: string, outcome: PromiseSettledResult<unknown>): void => {
      if (outcome.status === 'rejected') expect(codeOf(outcome.reason), name).toBe('HEDDLE_INVALID_MESSAGE');
      else expect(isData(outcome.value), name).toBe(true);
      outcomes[outcome.status === 'rejected' ? 'refused' : 'data']++;
    };
    const spawn = async (args: unknown): Promise<unknown> => {
      const other = await system.spawn(Warden, args, { place });
      // On the same thread they are what they were: the thread's own.
      const arrived = place === 1 ? await other.args() : undefined;
      await system.stop(other);
      return arrived;
    };
    for (const { name, make } of ATTACKS) {
      const tries = [warden.echo({ value: make(noteCall) }), spawn(make(noteCall))];
      for (const outcome of await Promise.allSettled(tries)) note(name, outcome);
    }
    expect(Math.min(outcomes.refused, outcomes.data)).toBeGreaterThan(ATTACKS_MIN);
    expect(await warden.changes()).toEqual([]);
    await finish(system);
  });

  it('may throw one: its caller gets an Error', async () => {
    const system = await start({ threads: 1 });
    const watching = await system.spawn(Warden, undefined, { place });
    for (const [index, { name }] of ATTACKS.entries()) {
      for (const way of ['throwAttack', 'throwError'] as const) {
        const warden = await system.spawn(Warden, undefined, { place });
        const [outcome] = await Promise.allSettled([warden[way]({ index })]);
        expect(outcome, name).toMatchObject({ status: 'rejected', reason: { code: 'HEDDLE_ACTOR_FAILED' } });
      }
    }
    expect(await watching.changes()).toEqual([]);
    await finish(system);
  });
});
