/**
 * Where items come in from outside, and go out: iterables, streams and functions of the host. Their stages live on the
 * host and keep its back-pressure: they pull only what there is room for, and wait for whoever is slow.
 */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Field } from '../messages/fields.js';
import { spellShape } from '../messages/shape.js';
import { NOWHERE } from './protocol.js';
import { defineStage, type StageDefinition } from './stage.js';

/** What an item source is made of: arrays, generators, `Readable`, `ReadableStream`, events.on(...) and the like. */
export type Items<T> = Iterable<T> | AsyncIterable<T>;

/** Where items may go. */
export type Receiver<T> = Writable | WritableStream<T> | ((item: T) => unknown);

/** Takes items one at a time; what it returns is awaited. */
export interface Taker<T> {
  take(item: T): unknown;
  /** There are no more. */
  end(): unknown;
  /** There will be no more, because the job has ended otherwise. */
  abandon(): void;
}

/** What the stages on the host work with, by the number that they are given. */
const held = new Map<number, unknown>();
let heldCount = 0;

export interface EdgeArgs {
  readonly edge: number;
}

export const hold = (edge: unknown): EdgeArgs => {
  held.set(++heldCount, edge);
  return { edge: heldCount };
};

/** The same definition for all edges of one type: definitions stay for good. */
const memoised = <D>(
  kind: string,
  make: (name: string, field: Field<unknown>) => D,
): ((field: Field<unknown>) => D) => {
  const made = new Map<string, D>();
  return (field) => {
    const spelled = spellShape(field.shape);
    let definition = made.get(spelled);
    if (definition === undefined) {
      definition = make(`${kind} ${made.size + 1}`, field);
      made.set(spelled, definition);
    }
    return definition;
  };
};

interface Pull {
  readonly edge: number;
  readonly iterator: Iterator<unknown> | AsyncIterator<unknown>;
  /** What was emitted and is not acknowledged, or is to be emitted again. */
  readonly kept: unknown[];
  /** The number of the first of these. */
  first: number;
  /** The number of the next item. */
  next: number;
}

const iteratorOf = (items: Items<unknown>): Pull['iterator'] =>
  Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();

export type SourceEdge = StageDefinition<undefined, Field<unknown>, EdgeArgs>;

/** Pulls items out of an iterable. It can produce again what is not acknowledged, because it keeps that. */
export const sourceEdge: (field: Field<unknown>) => SourceEdge = memoised('items', (name, field) =>
  defineStage(NOWHERE, name, {
    out: field,
    init: (_, { edge }: EdgeArgs): Pull => {
      const { items, isKept } = held.get(edge) as { items: Items<unknown>; isKept: boolean };
      return { edge, iterator: iteratorOf(items), kept: isKept ? [] : NOTHING, first: 0, next: 0 };
    },
    async process(state, _, out, stage) {
      let hasRoom = true;
      while (hasRoom && !stage.signal.aborted) {
        const again = state.next - state.first;
        if (again < state.kept.length) {
          state.next++;
          hasRoom = out.emit(state.kept[again]);
          continue;
        }
        const { done, value } = await state.iterator.next();
        if (done === true) {
          stage.stop();
          return;
        }
        if (state.kept !== NOTHING) state.kept.push(value);
        // It was begun anew meanwhile, and this item is kept for that.
        if (stage.signal.aborted) return;
        state.next++;
        hasRoom = out.emit(value);
      }
    },
    acknowledged(state, upTo) {
      if (state.kept === NOTHING) return;
      state.kept.splice(0, upTo - state.first);
      state.first = upTo;
    },
    replay(state, from) {
      state.next = from;
    },
    stopped({ edge, iterator }) {
      held.delete(edge);
      // A generator that waits for something would keep the job waiting, too.
      void iterator.return?.();
    },
  }),
);

/** Of a source that is not asked for anything again. */
const NOTHING: unknown[] = [];

export type SinkEdge = StageDefinition<Field<unknown>, undefined, EdgeArgs>;

/** Gives items to somebody on the host. */
export const sinkEdge: (field: Field<unknown>) => SinkEdge = memoised('receiver', (name, field) =>
  defineStage(NOWHERE, name, {
    in: field,
    init: (_, { edge }: EdgeArgs) => ({ edge, taker: held.get(edge) as Taker<unknown>, isEnded: false }),
    process: ({ taker }, item) => taker.take(item),
    async flush(state) {
      state.isEnded = true;
      await state.taker.end();
    },
    stopped({ edge, taker, isEnded }) {
      held.delete(edge);
      if (!isEnded) taker.abandon();
    },
  }),
);

const isWebStream = (receiver: Receiver<never>): receiver is WritableStream<never> => 'getWriter' in receiver;

/** @param receiver a stream that takes what the items are, or a function */
export const takerOf = <T>(receiver: Receiver<T>): Taker<T> => {
  if (typeof receiver === 'function') {
    return { take: (item) => receiver(item), end: () => undefined, abandon: () => undefined };
  }
  return isWebStream(receiver) ? webTaker(receiver as WritableStream<T>) : nodeTaker(receiver as Writable);
};

const webTaker = <T>(stream: WritableStream<T>): Taker<T> => {
  const writer = stream.getWriter();
  writer.closed.catch(() => undefined);
  return {
    async take(item) {
      await writer.ready;
      writer.write(item).catch(() => undefined);
    },
    end: () => writer.close(),
    abandon: () => void writer.abort().catch(() => undefined),
  };
};

const nodeTaker = <T>(stream: Writable): Taker<T> => {
  let failure: Error | undefined;
  stream.on('error', (error) => {
    failure = error;
  });
  return {
    take(item) {
      if (failure !== undefined) throw failure;
      return stream.write(item) ? undefined : once(stream, 'drain');
    },
    async end() {
      if (failure !== undefined) throw failure;
      stream.end();
      if (!stream.writableFinished) await once(stream, 'finish');
    },
    abandon: () => void stream.destroy(),
  };
};
