/**
 * What the actors of a pipeline say to each other. A channel leads from an output port of one stage to an input port of
 * another; its number is given once and never again, so what comes late from a channel that is no more finds nobody.
 *
 * ```
 *   upstream   -- frame { channel, first, items } -->  downstream      items, in order
 *              -- ended { channel } ---------------->                   no more will come
 *              <-- credit { channel, taken, window }--                  how far it is, and what it has room for
 *              <-- closed { channel } ----------------                  no more are wanted
 *   sink       -- acknowledge { sink, upTo } ------->  source           all before this number is done
 * ```
 *
 * The messages are the same for all stages, and stand before the frames, one for each input port. So a stage needs to
 * know of another one only what goes through the port.
 */
import { type Definition, defineActor } from '../actor/definition.js';
import type { AnyRef } from '../actor/ref.js';
import { anyRef } from '../actor/ref-fields.js';
import type { Reply } from '../actor/self.js';
import {
  any,
  bool,
  type Field,
  f64,
  f64s,
  field,
  list,
  oneOf,
  optional,
  record,
  shared,
  text,
  u32,
  type ValueOf,
} from '../messages/fields.js';
import { call, type Protocol } from '../messages/protocol.js';
import { type Shape, spellShape } from '../messages/shape.js';

export const POLICIES = ['block', 'drop-oldest', 'drop-newest', 'latest', 'error'] as const;
export type Policy = (typeof POLICIES)[number];

const outletField = record({
  channel: u32,
  port: u32,
  /** Among those that `many` stands for. */
  output: u32,
  target: anyRef,
  targetPort: u32,
  policy: oneOf(...POLICIES),
  /** Items that may be on their way, at first. */
  window: u32,
  /** Bytes that may be, as far as they can be told. */
  windowBytes: f64,
  isLoop: bool,
});
export type OutletPlan = ValueOf<typeof outletField>;

const inletField = record({
  channel: u32,
  port: u32,
  /** Among those that `many` stands for. */
  input: u32,
  /** The same for all channels of one link: these come from the instances of one stage. */
  link: u32,
  source: anyRef,
  window: u32,
  /** The stage says itself, by how fast it is, how many items may be on their way. */
  isAdaptive: bool,
  /** The other end is to be told at once when all that came is done: less than a part of the window may hold it up. */
  isEager: bool,
  isLoop: bool,
});
export type InletPlan = ValueOf<typeof inletField>;

/** What a stage tells its job. */
const newsField = record({
  kind: oneOf('failed', 'fault', 'restarted', 'ended'),
  /** What an item of was processed, or could not be sent. */
  port: text,
  id: f64,
  code: text,
  message: text,
  /** The item, as far as it can travel. */
  item: any(),
});
export type News = ValueOf<typeof newsField>;

const reportField = record({ news: list(newsField), missed: u32 });
export type Report = ValueOf<typeof reportField>;

const CONTROL = {
  credit: { channel: u32, taken: f64, window: u32 },
  ended: { channel: u32 },
  closed: { channel: u32 },
  acknowledge: { sink: u32, upTo: f64, attempt: u32 },
  /** To itself: there is more to do. */
  turn: {},
  /** To itself: a time has come. */
  alarm: {},
  /** An external event. */
  notify: {},
  /** Adds channels. */
  open: call({ outlets: list(outletField), inlets: list(inletField) }, bool),
  /** Takes output channels away, to be replaced or not; answers when what they were given has been sent. */
  shut: call({ held: list(u32), discarded: list(u32) }, bool),
  /** Lets it run. */
  begin: call({ board: shared, row: u32, from: f64, attempt: u32, sinks: list(u32), sources: list(anyRef) }, bool),
  /** A source ends, and what follows when it has done all; `now`: nothing more is done. */
  finish: { now: bool },
  /** Forgets its channels and what waits in them; answers when nothing is under way. */
  rewind: call({}, bool),
  /** Answers when there is news. */
  next: call({}, reportField),
};

const FRAME = {
  channel: u32,
  /** The number of the first item. */
  first: f64,
  /** Which chunk of an ordered parallel stage it belongs to; -1 of others. */
  chunk: f64,
  /** Whether it is the last frame of its chunk. */
  isLast: bool,
  /** All items of the source before this number have been sent. */
  mark: f64,
  /** In an acknowledged pipeline: the source's items that these come from. */
  origins: optional(f64s),
};

export interface Frame {
  readonly channel: number;
  readonly first: number;
  readonly chunk: number;
  readonly isLast: boolean;
  readonly mark: number;
  readonly origins?: Float64Array | undefined;
  readonly items: readonly unknown[];
}

const frameOf = (item: Field<unknown>) => ({ ...FRAME, items: list(item) });

/** The name of the frames of an input port. */
export const frameName = (port: number): `frame${number}` => `frame${port}`;

export const stageProtocol = (ins: readonly { readonly field: Field<unknown> }[]): typeof CONTROL & Protocol =>
  Object.assign({ ...CONTROL }, Object.fromEntries(ins.map((port, index) => [frameName(index), frameOf(port.field)])));

/** What all actors of pipelines understand. */
export interface StageRef extends AnyRef {
  credit(message: { channel: number; taken: number; window: number }): void;
  ended(message: { channel: number }): void;
  closed(message: { channel: number }): void;
  acknowledge(message: { sink: number; upTo: number; attempt: number }): void;
  turn(): void;
  notify(): void;
  finish(message: { now: boolean }): void;
  open(message: { outlets: OutletPlan[]; inlets: InletPlan[] }, options?: { timeoutMs: number }): Promise<boolean>;
  shut(message: { held: number[]; discarded: number[] }, options?: { timeoutMs: number }): Promise<boolean>;
  begin(message: BeginMessage, options?: { timeoutMs: number }): Promise<boolean>;
  rewind(message?: Record<never, never>, options?: { timeoutMs: number }): Promise<boolean>;
  next(message: Record<never, never>, options: { timeoutMs: number }): Promise<Report>;
}

export type Wire = ReturnType<typeof makeWire>;

/** The module of definitions of which no actor is ever made. */
export const NOWHERE = 'file:///heddle/pipeline';

const makeWire = (name: string, ports: readonly Field<unknown>[]) => {
  const protocol = stageProtocol(ports.map((of) => ({ field: of })));
  const on = Object.fromEntries(Object.keys(protocol).map((message) => [message, () => undefined]));
  return defineActor(NOWHERE, name, { protocol, init: () => undefined, on: on as never });
};

const wires = new Map<string, Wire>();

/**
 * What is needed to send to a stage of which only one port is known: a definition whose messages have the numbers and
 * layouts of its own.
 */
export const wireTo = (port: number, shape: Shape): Wire => {
  const name = `wire ${port} ${spellShape(shape)}`;
  let wire = wires.get(name);
  if (wire === undefined) {
    const short = `wire-${wires.size}`;
    wire = makeWire(short, [...Array.from({ length: port }, () => u32), field(shape)]);
    wires.set(name, wire);
  }
  return wire;
};

/** The same of one of which nothing is known. */
export const plainWire = (): Wire => wireTo(0, u32.shape);

/** A stage, to whoever notifies it: `ref(StageNotifier)` takes what `job.notifier` returns to other threads. */
export const StageNotifier = plainWire() as unknown as Definition<{ readonly notify: Record<never, never> }, never>;

type Handler<M, R = void> = (run: StageMessages, message: M, self: { reply<T>(): Reply<T> }) => R;

/** What the actor of a stage does with each message. */
export interface StageMessages {
  credit(message: { channel: number; taken: number; window: number }): void;
  ended(message: { channel: number }): void;
  closed(message: { channel: number }): void;
  acknowledge(message: { sink: number; upTo: number; attempt: number }): void;
  turn(): void;
  alarm(): void;
  notify(): void;
  finish(message: { now: boolean }): void;
  open(message: { outlets: readonly OutletPlan[]; inlets: readonly InletPlan[] }): boolean;
  shut(message: { held: readonly number[]; discarded: readonly number[] }, reply: Reply<boolean>): Reply<boolean>;
  begin(message: BeginMessage): boolean | Promise<boolean>;
  rewind(reply: Reply<boolean>): Reply<boolean>;
  next(reply: Reply<Report>): Reply<Report>;
  arrive(frame: Frame): void;
}

export interface BeginMessage {
  readonly board: ValueOf<typeof shared>;
  readonly row: number;
  /** The number of the first item, of a source. */
  readonly from: number;
  /** How often the job has begun again; what was acknowledged before that does not count. */
  readonly attempt: number;
  /** Whose acknowledgements a source waits for. */
  readonly sinks: readonly number[];
  /** To whom a sink acknowledges. */
  readonly sources: readonly AnyRef[];
}

const HANDLERS: Readonly<Record<keyof typeof CONTROL, Handler<never, unknown>>> = {
  credit: (run, message) => run.credit(message),
  ended: (run, message) => run.ended(message),
  closed: (run, message) => run.closed(message),
  acknowledge: (run, message) => run.acknowledge(message),
  turn: (run) => run.turn(),
  alarm: (run) => run.alarm(),
  notify: (run) => run.notify(),
  open: (run, message) => run.open(message),
  shut: (run, message, self) => run.shut(message, self.reply<boolean>()),
  begin: (run, message) => run.begin(message),
  finish: (run, message) => run.finish(message),
  rewind: (run, _, self) => run.rewind(self.reply<boolean>()),
  next: (run, _, self) => run.next(self.reply<Report>()),
};

const arrive: Handler<Frame> = (run, frame) => run.arrive(frame);

export const stageHandlers = (ins: readonly unknown[]): typeof HANDLERS =>
  Object.assign({ ...HANDLERS }, Object.fromEntries(ins.map((_, index) => [frameName(index), arrive])));
