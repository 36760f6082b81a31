/**
 * What users write. A stage takes items from its input ports and emits items to its output ports; where these lead, on
 * how many threads it runs, and what becomes of its failures, the graph says (`flow.ts`).
 *
 * | member    | given                           | when                                                                 |
 * | --------- | ------------------------------- | -------------------------------------------------------------------- |
 * | `init`    | `stage, args`                   | first, and when the stage is restarted; with `key`, for each new key |
 * | `process` | `state, item, out, stage`       | for each item; of a source, whenever its rule says                   |
 * | `tick`    | `state, tick, out, stage`       | whenever the rule says, before the items that wait; not of a source  |
 * | `flush`   | `state, out, stage`             | all inputs have ended; the last chance to emit                       |
 * | `replay`  | `state, from, stage`            | before items are produced again, the first one is to be number `from` |
 * | `acknowledged` | `state, upTo, stage`       | all its items before number `upTo` are done, and will not be asked for again |
 * | `stopped` | `state, stage`                  | it will not run any more, however that came; not if its thread died  |
 *
 * All may be async; while a promise is pending, items wait. What `process` emits before it throws is taken back, also
 * after it has awaited something; but not what it emitted before it awaited `room`, nor what of a source has been sent.
 */
import type { Field } from '../messages/fields.js';
import type { ItemOf, Many, NamedPorts } from './ports.js';

/** Why a stage runs that no item makes run. */
export interface Tick {
  /** What its rule is. */
  readonly cause: 'loop' | 'periodic' | 'event';
  /** Ticks, or notifications, that this one stands for; 1 of a loop. */
  readonly count: number;
  /** Of a periodic stage: ticks before this one whose time passed before it could run. */
  readonly missed: number;
}

/** Where a stage puts what it makes. */
export interface Writer<T> {
  /**
   * Emits an item. It never waits: what finds no room is kept until there is some, and the stage gets no further items
   * before. Returns whether there is room for more.
   *
   * @throws ChannelFull  the channel's policy is `error`, and it has no room
   */
  emit(item: T): boolean;
  /** Resolves when there is room: for one that emits much for a single item. Rejects if the stage is to end at once. */
  room(): Promise<void>;
  /** Items of this output that its channel's policy has dropped so far. */
  readonly dropped: number;
}

export type Outputs<O> =
  O extends Many<Field<unknown>>
    ? readonly Writer<ItemOf<O>>[]
    : O extends Field<unknown>
      ? Writer<ItemOf<O>>
      : O extends NamedPorts
        ? { readonly [P in keyof O]: Writer<ItemOf<O[P]>> }
        : Readonly<Record<never, never>>;

/** The stage, as its functions see it. */
export interface StageContext {
  /** What it is called in the graph. */
  readonly name: string;
  /** Which of its parallel instances this is, from 0. */
  readonly instance: number;
  /** The number of the thread that it lives on. */
  readonly thread: number;
  /**
   * The number of the item that is being processed: in an acknowledged pipeline that of the source's item that it comes
   * from, the same whenever it is produced again; else its place in the channel. Of a window, its last item's.
   */
  readonly id: number;
  /** The port of the item among those that `many` stands for, from 0. */
  readonly input: number;
  /** How often this item was tried before; only with `retries`. */
  readonly attempt: number;
  /** Aborted when the stage is to end at once. */
  readonly signal: AbortSignal;
  /**
   * Ends this stage after what it is doing: what it has emitted is delivered, its neighbours are told, those behind it
   * end when they have done all, those before it when nobody is left who wants anything of them.
   */
  stop(): void;
}

/** How many items `process` is given at a time. */
export interface Window {
  /** At most so many, 1 to 65,536. */
  readonly count?: number;
  /** At most those of so many milliseconds, 1 to 2^30, from the first one on. */
  readonly ms?: number;
}

/** Items in their windows. */
export type Taken<T, W> = [W] extends [Window] ? readonly T[] : T;

export type Step<T, O, S> = (this: void, state: S, item: T, out: Outputs<O>, stage: StageContext) => unknown;

/** What all stages are made of. Declare `init` before `process`: TypeScript infers the state from it, in this order. */
export interface StageSpec<O, S, A> {
  /** What it emits; a sink has none. */
  readonly out?: O;
  readonly init?: (this: void, stage: StageContext, args: A) => S | Promise<S>;
  readonly stopped?: (this: void, state: S, stage: StageContext) => unknown;
  /** How long it may keep its thread without returning, in ms; see `defineActor`. */
  readonly budgetMs?: number;
}

/** What a source is made of. */
export interface SourceSpec<O, S, A> extends StageSpec<O, S, A> {
  readonly in?: undefined;
  /** Runs whenever the rule of the stage says. */
  readonly process: Step<Tick, O, S>;
  readonly replay?: (this: void, state: S, from: number, stage: StageContext) => unknown;
  readonly acknowledged?: (this: void, state: S, upTo: number, stage: StageContext) => void;
}

interface TakingSpec<O, S, A> extends StageSpec<O, S, A> {
  readonly tick?: (this: void, state: S, tick: Tick, out: Outputs<O>, stage: StageContext) => unknown;
  readonly flush?: (this: void, state: S, out: Outputs<O>, stage: StageContext) => unknown;
}

/** What a stage with one input port, or many alike, is made of. */
export interface FilterSpec<I extends Field<unknown> | Many<Field<unknown>>, O, S, A, W> extends TakingSpec<O, S, A> {
  readonly in: I;
  /**
   * What an item belongs to: items of one key go to the same of the parallel instances, in order, and share a state of
   * their own, made by `init` when the key is first seen, up to 4,194,304 for each instance. Not with `many`.
   */
  readonly key?: (item: ItemOf<I>) => string | number;
  /** Items are taken in windows: full, over, or the last one. Not with `many`, nor with `key`. */
  readonly window?: W;
  readonly process: Step<Taken<ItemOf<I>, W>, O, S>;
}

/** What a stage with named input ports is made of. */
export interface MergeSpec<I extends NamedPorts, O, S, A> extends TakingSpec<O, S, A> {
  readonly in: I;
  /** By port. */
  readonly process: { readonly [P in keyof I]: Step<ItemOf<I[P]>, O, S> };
}
