/**
 * The stages by which items come in from outside, and go out. They live on the host and keep its back-pressure: they
 * pull only what there is room for, and wait for whoever is slow.
 */
import { InvalidFlow } from '../base/errors.js';
import type { Field } from '../messages/fields.js';
import { spellShape } from '../messages/shape.js';
import type { Context } from './context.js';
import { Feed, type Items } from './items.js';
import { NOWHERE } from './protocol.js';
import type { Taker } from './receivers.js';
import { defineStage, type StageDefinition } from './stage.js';

/** What a source on the host is given. */
export interface Origin {
  readonly items: Items<unknown>;
  /** Whether items are kept until they are acknowledged. */
  readonly isKept: boolean;
}

/** Makes what a sink on the host gives its items to. */
export type OpenTaker = (onFailure: () => void) => Taker<unknown>;

/** What does not travel in messages waits here, by a number, for the stage that works with it. */
const held = new Map<number, Origin | OpenTaker>();
let heldCount = 0;

export interface EdgeArgs {
  readonly edge: number;
}

export const hold = (edge: Origin | OpenTaker): EdgeArgs => {
  held.set(++heldCount, edge);
  return { edge: heldCount };
};

const release = ({ edge }: EdgeArgs): unknown => {
  const given = held.get(edge);
  if (!held.delete(edge)) throw new InvalidFlow('what comes from the host, or goes to it, does so in one job');
  return given;
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

/** Items that are given to the pipeline in one step, at most. */
const BATCH_MAX = 128;

interface Source {
  readonly feed: Feed;
  /** What was pulled and is not acknowledged; undefined: nothing is asked for again. */
  readonly kept: unknown[] | undefined;
  /** The number of the first of these. */
  first: number;
  /** The number of the next item. */
  next: number;
}

export type SourceEdge = StageDefinition<undefined, Field<unknown>, EdgeArgs>;

/** Pulls items out of an iterable. It can produce again what is not acknowledged, because it keeps that. */
export const sourceEdge: (field: Field<unknown>) => SourceEdge = memoised('items', (name, field) =>
  defineStage(NOWHERE, name, {
    out: field,
    init: (stage, args: EdgeArgs): Source => {
      const { items, isKept } = release(args) as Origin;
      const feed = new Feed(items);
      (stage as Context).onEnd = () => feed.release();
      return { feed, kept: isKept ? [] : undefined, first: 0, next: 0 };
    },
    process(state, _, out, stage) {
      const { feed, kept } = state;
      const accept = (value: unknown): boolean => {
        kept?.push(value);
        state.next++;
        return out.emit(value);
      };
      if (kept !== undefined && state.next < state.first + kept.length) {
        out.emit(kept[state.next++ - state.first]);
        return undefined;
      }
      if (feed.isSync) {
        const { done, value } = feed.pull();
        if (done === true) stage.stop();
        else accept(value);
        return undefined;
      }
      return pump(feed, accept, stage.signal).then((isDone) => {
        if (isDone) stage.stop();
      });
    },
    acknowledged(state, upTo) {
      state.kept?.splice(0, upTo - state.first);
      state.first = upTo;
    },
    replay(state, from) {
      state.next = from;
    },
    stopped: ({ feed }, { signal }) => feed.leave(signal.reason),
  }),
);

/**
 * Waits for an item, and takes those that follow at once as long as there is room. What was taken is sent when this is
 * over, so it does not wait for more. Returns whether there are no more.
 */
const pump = async (feed: Feed, accept: (value: unknown) => boolean, signal: AbortSignal): Promise<boolean> => {
  let pulled = await feed.next(signal);
  for (let left = BATCH_MAX; pulled !== undefined; left--) {
    if (pulled.done === true) return true;
    if (!accept(pulled.value) || left === 1) return false;
    pulled = await feed.soon(signal);
  }
  return false;
};

interface Sink {
  readonly taker: Taker<unknown>;
  isEnded: boolean;
}

export type SinkEdge = StageDefinition<Field<unknown>, undefined, EdgeArgs>;

/** Gives items to somebody on the host. */
export const sinkEdge: (field: Field<unknown>) => SinkEdge = memoised('receiver', (name, field) =>
  defineStage(NOWHERE, name, {
    in: field,
    init: (stage, args: EdgeArgs): Sink => {
      const open = release(args) as OpenTaker;
      // Its end is a failure, too, also when no item is there to fail.
      return { taker: open(() => stage.stop()), isEnded: false };
    },
    process: ({ taker }, item) => taker.take(item),
    async flush(state) {
      await state.taker.end();
      state.isEnded = true;
    },
    stopped({ taker, isEnded }, { signal }) {
      if (!isEnded) taker.abandon(signal.reason);
    },
  }),
);
