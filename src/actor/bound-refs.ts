/**
 * Refs that act for an actor: `self.to(ref)`. What is sent by one is fenced when the actor has ended, and its calls last no
 * longer than the actor, nor than the call that it is handling. A bound ref is one small object; what it can do stands on
 * a prototype that is made once for each class of refs.
 */
import type { EntryPlan } from '../messages/protocol.js';
import type { Cell } from './cell.js';
import { type AnyRef, type CallOptions, REF, type RefCore } from './ref.js';
import {
  CELL,
  classesOf,
  finishRefs,
  LINK,
  type LocalRef,
  type RefClasses,
  type RemoteRef,
  TARGET,
} from './ref-classes.js';

const OWNER = Symbol('owner');
const DEADLINE = Symbol('deadline');

type Send = (this: BoundRef, message?: unknown, options?: CallOptions) => unknown;

interface BoundRef extends AnyRef {
  /** The ref that it sends by. */
  readonly [TARGET]: AnyRef;
  readonly [OWNER]: Cell;
  /** Of the call that the owner was handling when the ref was made, as an int32; 0: none. */
  readonly [DEADLINE]: number;
}

type BoundClass = new (target: AnyRef, owner: Cell, deadline: number) => BoundRef;

const isBound = (ref: AnyRef): ref is BoundRef => (ref as Partial<BoundRef>)[TARGET] !== undefined;

const sendBy = (ref: BoundRef, name: string, message: unknown, options?: CallOptions): unknown =>
  (ref[TARGET] as unknown as Record<string, (message: unknown, options?: CallOptions) => unknown>)[name]!(
    message,
    options,
  );

const bindCast = (name: string): Send =>
  function (message) {
    this[OWNER].demandKernel();
    sendBy(this, name, message);
  };

/** A call is rejected where a cast throws. */
const bindCall = (name: string): Send =>
  function (message, options) {
    const { [OWNER]: owner, [DEADLINE]: deadline } = this;
    try {
      return sendBy(this, name, message, owner.demandKernel().limitCall(owner, name, options, deadline));
    } catch (error) {
      return Promise.reject(error);
    }
  };

const makeBoundClass = ({ base, details, methods }: RefClasses): BoundClass => {
  class Bound {
    readonly [TARGET]: AnyRef;
    readonly [OWNER]: Cell;
    readonly [DEADLINE]: number;
    constructor(target: AnyRef, owner: Cell, deadline: number) {
      this[TARGET] = target;
      this[OWNER] = owner;
      this[DEADLINE] = deadline;
    }
    get [REF](): RefCore {
      return this[TARGET][REF];
    }
    get [CELL](): Cell | undefined {
      return (this[TARGET] as Partial<LocalRef>)[CELL];
    }
    get [LINK](): RemoteRef[typeof LINK] | undefined {
      return (this[TARGET] as Partial<RemoteRef>)[LINK];
    }
  }
  const bound = (details?.plan ?? []).filter(({ name }) => Object.hasOwn(methods, name));
  const bind = ({ name, isCall }: EntryPlan): Send => (isCall ? bindCall(name) : bindCast(name));
  finishRefs(Bound, base, Object.fromEntries(bound.map((entry) => [entry.name, bind(entry)])));
  return Bound;
};

const made = new WeakMap<RefClasses, BoundClass>();

const boundClassOf = (classes: RefClasses): BoundClass => {
  let Bound = made.get(classes);
  if (Bound === undefined) {
    Bound = makeBoundClass(classes);
    made.set(classes, Bound);
  }
  return Bound;
};

/** The same actor, by a ref that acts for `owner`. */
export const bindRef = (ref: AnyRef, owner: Cell, deadline: number): AnyRef => {
  const target = isBound(ref) ? ref[TARGET] : ref;
  return new (boundClassOf(classesOf(target)))(target, owner, deadline);
};

/** Makes a ref of what a ref sends by, which stays bound if it was. */
export const mapTarget = (ref: AnyRef, map: (target: AnyRef) => AnyRef): AnyRef =>
  isBound(ref) ? bindRef(map(ref[TARGET]), ref[OWNER], ref[DEADLINE]) : map(ref);
