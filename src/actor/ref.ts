/**
 * A ref: the address of an actor, with a method for each of its messages and nothing else.
 *
 * An address is a thread, a slot on it, and the slot's generation. Two refs of one actor are different objects;
 * compare them by `sameRef`, and use `refKey` as a key.
 */

import type { MentionOf, ValueOf } from '../messages/fields.js';
import type { Call, Entry, Protocol } from '../messages/protocol.js';
import type { Shared } from '../messages/shares.js';

/** Every ref has a property of this name: `Symbol.for`, so that refs of another copy of heddle are recognised. */
export const REF: unique symbol = Symbol.for('heddle.ref') as never;

declare const understood: unique symbol;

/** A ref of which only the address is known. */
export interface AnyRef {
  readonly [REF]: RefCore;
}

/** What is behind a ref; of no use to anybody but heddle. */
export interface RefCore {
  readonly thread: number;
  readonly slot: number;
  readonly generation: number;
}

/** Stands for the actor itself in a declaration; the actor's type says what it is. */
export interface SelfToken {
  readonly [understood]: 'self';
}

/** A ref whose methods are the messages of the protocol `P`. */
export type Ref<P extends Protocol> = AnyRef & { readonly [understood]?: P } & Methods<P>;

export type Methods<P extends Protocol> = {
  readonly [M in keyof P]: P[M] extends Call<infer Q, infer R>
    ? (...args: CallArguments<Sent<Q, P>>) => Promise<Sent<R, P>>
    : (...args: CastArguments<Sent<P[M], P>>) => void;
};

export interface CallOptions {
  /** How long to wait for the reply, in ms, 0 to 2^30. Default: `callTimeoutMs` of the system. */
  readonly timeoutMs?: number;
  /** Gives up when it is aborted; the call is then rejected with its reason. */
  readonly signal?: AbortSignal;
}

/** A message whose fields are all optional may be left out. */
export type CastArguments<T> = object extends T ? [message?: T] : [message: T];
type CallArguments<T> = object extends T ? [message?: T, options?: CallOptions] : [message: T, options?: CallOptions];

/** What a field of the protocol `P` carries. */
export type Sent<F, P extends Protocol> = [MentionOf<F>] extends [never] ? ValueOf<F> : Resolved<ValueOf<F>, P>;

/** What a general value may hold as a whole, and so never a token inside. */
type Whole = string | number | bigint | boolean | symbol | null | undefined | Date | ArrayBufferView | Shared | AnyRef;
// biome-ignore lint/suspicious/noExplicitAny: of any type
type Collection = ReadonlyMap<any, any> | ReadonlySet<any>;

type Resolved<T, P extends Protocol> = unknown extends T
  ? T
  : T extends SelfToken
    ? Ref<P>
    : T extends Whole | Collection
      ? T
      : { [K in keyof T]: Resolved<T[K], P> };

/** The message of an entry: what its sender gives and its handler gets. */
export type MessageOf<E extends Entry, P extends Protocol> = E extends Call<infer Q, unknown> ? Sent<Q, P> : Sent<E, P>;

type CallMethod = (message: never, options?: CallOptions) => Promise<unknown>;

/** The names of the calls that a ref has. */
export type CallNames<R> = { [M in keyof R]: R[M] extends CallMethod ? M : never }[keyof R] & string;

/** What a call of a ref asks, and what it is answered. */
export type RequestOf<R, M extends keyof R> = R[M] extends (message: infer T, options?: CallOptions) => Promise<unknown>
  ? T
  : never;
export type ReplyOf<R, M extends keyof R> = R[M] extends (message: never, options?: CallOptions) => Promise<infer T>
  ? T
  : never;

/** The names of the casts that a ref has, and what one says. */
export type CastNames<R> = {
  [M in keyof R]: R[M] extends CallMethod ? never : R[M] extends (message: never) => void ? M : never;
}[keyof R] &
  string;
export type CastOf<R, M extends keyof R> = R[M] extends (message: infer T) => void ? T : never;

export const isRef = (value: unknown): value is AnyRef =>
  typeof value === 'object' && value !== null && (value as { [REF]?: unknown })[REF] !== undefined;

/** Whether two refs address the same actor. */
export const sameRef = (a: AnyRef, b: AnyRef): boolean => {
  const [one, other] = [a[REF], b[REF]];
  return one.thread === other.thread && one.slot === other.slot && one.generation === other.generation;
};

/** A text that is the same for all refs of an actor, and for no other actor of the system: for Maps and Sets. */
export const refKey = (ref: AnyRef): string => {
  const { thread, slot, generation } = ref[REF];
  return `${thread}:${slot >>> 0}:${generation}`;
};
