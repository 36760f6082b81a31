/**
 * The classes of refs: for each definition one for actors of this thread, which hold the actor itself, and one for
 * those of other threads, which hold the link to it. Their prototypes carry the methods of the messages.
 */
import { inspect } from 'node:util';
import { DESCRIPTION } from '../base/describe.js';
import { InvalidMessage } from '../base/errors.js';
import type { Link } from '../mesh/link.js';
import { RESERVED_NAMES } from '../messages/protocol.js';
import type { Cell } from './cell.js';
import type { Details } from './definition.js';
import type { Kernel } from './kernel.js';
import { type AnyRef, REF, type RefCore } from './ref.js';

/** Of local refs: the actor. */
export const CELL = Symbol('cell');
/** Of remote refs: the way to the actor. */
export const LINK = Symbol('link');
export const SLOT = Symbol('slot');
export const GENERATION = Symbol('generation');
/** Of both: the definition's name, and the runtime that the ref belongs to. */
const NAME = Symbol('name');
export const KERNEL = Symbol('kernel');
/** Of both: the details of the definition; undefined for a ref of which only the address is known. */
export const DETAILS = Symbol('details');

/** Of all: the classes that the ref is made by. */
export const CLASSES = Symbol('classes');
/** Of bound refs: the ref that they send by. */
export const TARGET = Symbol('target');

export type Methods = Readonly<Record<string, { readonly local: unknown; readonly remote: unknown }>>;

export interface LocalRef extends AnyRef {
  readonly [CELL]: Cell;
}

export interface RemoteRef extends AnyRef {
  readonly [LINK]: Link;
  readonly [SLOT]: number;
  readonly [GENERATION]: number;
}

export interface RefClasses {
  /** What all its refs inherit from. */
  readonly base: object;
  readonly kernel: Kernel;
  readonly details: Details | undefined;
  /** Of narrowed refs: the classes of those with all messages. */
  readonly whole: RefClasses | undefined;
  readonly methods: Methods;
  readonly Local: new (cell: Cell) => LocalRef;
  readonly Remote: new (link: Link, slot: number, generation: number) => RemoteRef;
}

/** Names that other libraries ask objects for to find out what they are; no message is meant by them. */
const PROBED = /^(asymmetricMatch|nodeType|tagName|inspect|\$\$.*|@@.*)$/;

/**
 * Stands behind the prototypes: a message that the protocol does not have is refused by name when it is sent. Reading
 * such a property gives a function, as for every message; names that JavaScript and libraries ask for give nothing.
 */
const unknownMessages = (name: string, known: readonly string[]): object =>
  new Proxy(Object.prototype, {
    get(target, property, receiver) {
      if (typeof property === 'symbol' || property in target || RESERVED_NAMES.has(property) || PROBED.test(property)) {
        return Reflect.get(target, property, receiver);
      }
      return () => {
        throw new InvalidMessage(
          `${name} has no message ${JSON.stringify(property)}; it has: ${known.join(', ') || 'none'}`,
        );
      };
    },
    has: (target, property) => Reflect.has(target, property),
  });

const addressText = ({ thread, slot, generation }: RefCore): string => `${thread}:${slot >>> 0}:${generation}`;

/** The classes that a ref is made by. */
export const classesOf = (ref: AnyRef): RefClasses => (ref as unknown as { readonly [CLASSES]: RefClasses })[CLASSES];

/** Another ref to the same actor, of this thread's or of another. */
export const remake = (ref: AnyRef, { Local, Remote }: RefClasses): AnyRef => {
  if (Object.hasOwn(ref, CELL)) return new Local((ref as LocalRef)[CELL]);
  const { [LINK]: link, [SLOT]: slot, [GENERATION]: generation } = ref as RemoteRef;
  return new Remote(link, slot, generation);
};

/** The ref with all messages, of which this one is a part, or by which it sends: what arrives where it is sent. */
export const wholeRef = (ref: AnyRef): AnyRef => {
  const target = (ref as { readonly [TARGET]?: AnyRef })[TARGET] ?? ref;
  const { whole } = classesOf(target);
  return whole === undefined ? target : remake(target, whole);
};

/** Gives a class of refs the methods of its messages and nothing else, not even a constructor. */
export const finishRefs = (
  { prototype }: { readonly prototype: object },
  base: object,
  methods: Readonly<Record<string, unknown>>,
): void => {
  Object.setPrototypeOf(prototype, base);
  Reflect.deleteProperty(prototype, 'constructor');
  for (const [message, value] of Object.entries(methods)) Object.defineProperty(prototype, message, { value });
};

/** Makes the two classes of refs to actors called `name`. */
export const makeRefClasses = (
  kernel: Kernel,
  details: Details | undefined,
  name: string,
  methods: Methods,
  whole?: RefClasses,
): RefClasses => {
  const base: object = Object.create(unknownMessages(name, Object.keys(methods)), {
    [NAME]: { value: name },
    [KERNEL]: { value: kernel },
    [DETAILS]: { value: details },
    // Found here, so that asking for it never leads to the proxy.
    [TARGET]: { value: undefined, writable: true },
    [Symbol.toStringTag]: { value: 'Ref' },
    [DESCRIPTION]: { value: details === undefined ? 'a ref' : `a ref to ${name}` },
    [inspect.custom]: {
      value(this: AnyRef) {
        return `Ref ${name} ${addressText(this[REF])}`;
      },
    },
  });

  class Local {
    readonly [CELL]: Cell;
    constructor(cell: Cell) {
      this[CELL] = cell;
    }
    get [REF](): RefCore {
      const { slot, generation } = this[CELL];
      return { thread: kernel.thread, slot, generation };
    }
  }

  class Remote {
    readonly [LINK]: Link;
    readonly [SLOT]: number;
    readonly [GENERATION]: number;
    constructor(link: Link, slot: number, generation: number) {
      this[LINK] = link;
      this[SLOT] = slot;
      this[GENERATION] = generation;
    }
    get [REF](): RefCore {
      return { thread: this[LINK].peer, slot: this[SLOT], generation: this[GENERATION] };
    }
  }

  const entries = Object.entries(methods);
  finishRefs(Local, base, Object.fromEntries(entries.map(([message, { local }]) => [message, local])));
  finishRefs(Remote, base, Object.fromEntries(entries.map(([message, { remote }]) => [message, remote])));
  const classes: RefClasses = { Local, Remote, base, kernel, details, whole, methods };
  Object.defineProperty(base, CLASSES, { value: classes });
  return classes;
};
