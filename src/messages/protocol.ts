/**
 * A protocol: the messages that an actor understands, by name.
 *
 * | entry                        | is                                                                        |
 * | ---------------------------- | ------------------------------------------------------------------------- |
 * | `{ amount: f64 }`            | a cast: an object with these fields, no reply                             |
 * | `text`                       | a cast: the message is a value of that field type                         |
 * | `message<T>()`               | a cast: the message is any value that TypeScript calls a `T`              |
 * | `call(request, reply)`       | a call: both are fields or a field type                                   |
 * | `call(request)`              | a call that resolves with undefined once it was handled                   |
 */
import { describe } from '../base/describe.js';
import { InvalidDefinition } from '../base/errors.js';
import { hashText } from '../base/hash.js';
import { any, type Field, type Fields, field, isField, recordShape } from './fields.js';
import { isPlain } from './general-walk.js';
import { type RecordShape, type Shape, spellShape } from './shape.js';

const CALL: unique symbol = Symbol.for('heddle.call') as never;

/** A message that wants a reply. */
export interface Call<Q, R> {
  readonly request: Q;
  readonly reply: R;
  readonly [CALL]: true;
}

export type Entry = Fields | Field<unknown> | Call<unknown, unknown>;

export interface Protocol {
  readonly [message: string]: Entry;
}

/** The reply of a call that carries nothing. */
export type Nothing = Field<void>;

const nothing: Nothing = field({ kind: 'record', fields: [] });

/**
 * Declares a call.
 *
 * @example
 * balance: call({}, f64),
 * transfer: call({ to: text, amount: f64 }, bool),
 */
export function call<Q extends Fields | Field<unknown>>(request: Q): Call<Q, Nothing>;
export function call<Q extends Fields | Field<unknown>, R extends Fields | Field<unknown>>(
  request: Q,
  reply: R,
): Call<Q, R>;
export function call(
  request: Fields | Field<unknown>,
  reply: Fields | Field<unknown> = nothing,
): Call<unknown, unknown> {
  return Object.freeze({ request, reply, [CALL]: true as const });
}

/** Declares a cast that is only a type; see `any` for the values that it may have. */
export const message = <T>(): Field<T> => any<T>();

/**
 * Gives a protocol its type without an actor, for two protocols that hold refs to each other:
 *
 * @example
 * const PingProtocol = protocol({ ping: { from: ref<PongRef>((): AnyDefinition => Pong) } });
 * interface PingRef extends Ref<typeof PingProtocol> {}
 */
export const protocol = <P extends Protocol>(entries: P): P => entries;

/** One message of a protocol, checked. */
export interface EntryPlan {
  readonly name: string;
  /** Its number in the protocol, in the order of declaration; what travels in a record. */
  readonly index: number;
  readonly isCall: boolean;
  readonly request: Shape;
  /** Of a call. */
  readonly reply: Shape | undefined;
  /** Whether the reply says no more than that the call was handled. */
  readonly repliesNothing: boolean;
}

/** Names that the language itself calls on objects. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set([
  'then',
  'constructor',
  'toJSON',
  'toString',
  'toLocaleString',
  'valueOf',
  '__proto__',
]);

/** The record's type field has 12 bits, which casts, calls and the mesh itself share. */
export const MESSAGES_MAX = 1900;
/** The number of a message fits into these. */
export const MESSAGE_BITS = 11;

export const isCall = (entry: Entry): entry is Call<Fields | Field<unknown>, Fields | Field<unknown>> =>
  (entry as { [CALL]?: unknown })[CALL] === true;

const shapeOf = (declared: Fields | Field<unknown>, where: string): Shape =>
  isField(declared) ? declared.shape : recordShape(declared, where);

/** The shape with `selfRef` replaced by the definition that it stands for. */
const withSelf = (shape: Shape, self: () => unknown): Shape => {
  const inRecord = (record: RecordShape): RecordShape => ({
    kind: 'record',
    fields: record.fields.map(([name, of]) => [name, withSelf(of, self)] as const),
  });
  switch (shape.kind) {
    case 'ref':
      return shape.target === 'self' ? { kind: 'ref', target: self } : shape;
    case 'optional':
    case 'list':
      return { kind: shape.kind, of: withSelf(shape.of, self) };
    case 'record':
      return inRecord(shape);
    case 'union':
      return { ...shape, variants: shape.variants.map(([name, variant]) => [name, inRecord(variant)] as const) };
    default:
      return shape;
  }
};

/**
 * Checks the messages of an actor.
 *
 * @param self returns the definition that is being made; called when messages travel
 * @throws InvalidDefinition a reserved name, something that is not a field type, too many messages
 */
export const planProtocol = (actor: string, entries: Protocol, self: () => unknown): readonly EntryPlan[] => {
  // A literal's `__proto__: { ... }` declares no message, it is the prototype.
  if (!isPlain(entries) || Object.getOwnPropertySymbols(entries).length > 0) {
    throw new InvalidDefinition(
      `${actor}: a protocol is a plain object; its messages are called by texts, not by symbols or "__proto__"`,
    );
  }
  const names = Object.keys(entries);
  if (names.length > MESSAGES_MAX) {
    throw new InvalidDefinition(`${actor}: a protocol has at most ${MESSAGES_MAX} messages`, { given: names.length });
  }
  return names.map((name, index) => {
    const where = `${actor}.${name}`;
    if (RESERVED_NAMES.has(name)) {
      throw new InvalidDefinition(`${where}: JavaScript itself calls this name on objects; give the message another`);
    }
    const entry = entries[name];
    if (typeof entry !== 'object' || entry === null) {
      throw new InvalidDefinition(`${where}: expected fields, a field type or call(...)`, { got: describe(entry) });
    }
    if (!isCall(entry)) {
      const request = withSelf(shapeOf(entry as Fields, where), self);
      return { name, index, isCall: false, request, reply: undefined, repliesNothing: false };
    }
    return {
      name,
      index,
      isCall: true,
      request: withSelf(shapeOf(entry.request, `${where} request`), self),
      reply: withSelf(shapeOf(entry.reply, `${where} reply`), self),
      repliesNothing: entry.reply === nothing,
    };
  });
};

/** A number that differs, as good as surely, when two threads have loaded different declarations of an actor. */
export const hashPlan = (plan: readonly EntryPlan[]): number => {
  const spelled = plan
    .map(
      ({ name, request, reply }) =>
        `${JSON.stringify(name)}:${spellShape(request)}${reply ? `>${spellShape(reply)}` : ''}`,
    )
    .join(';');
  return hashText(spelled);
};
