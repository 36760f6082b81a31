/** Everything that happened in a simulation, in order. Two runs of one seed have equal logs. */
import { inspect } from 'node:util';
import type { Cell } from '../actor/cell.js';
import type { Details, Hooks } from '../actor/definition.js';
import { HOOKS } from '../actor/labels.js';
import { refKey } from '../actor/ref.js';
import { hashText } from '../base/hash.js';
import type { Witness } from '../runtime/reports.js';

/** Enough to tell values apart, and on one line. */
const SHOWN = { depth: 4, breakLength: Number.POSITIVE_INFINITY, compact: true, maxStringLength: 100 } as const;

export const show = (value: unknown): string => inspect(value, SHOWN);

export type EventKind =
  /** A handler, or a hook, begins. */
  'runs' | 'spawned' | 'ended' | 'named' | 'unnamed' | 'dead-letter' | 'problem' | 'thread-begins' | 'thread-ends';

/** One thing that happened. Messages are shown when somebody looks, so they must not be changed after they were sent. */
export class SimulationEvent {
  /** Virtual milliseconds. */
  readonly at: number;
  readonly thread: number;
  readonly kind: EventKind;
  /** What the actor's definition is called; empty where it is about no actor. */
  readonly actor: string;
  /** Its address, as `refKey` gives it; empty where that is not known. */
  readonly address: string;
  /** The message or hook, the name, the reason. */
  readonly what: string;
  /** The message, or what is known besides. */
  readonly detail: unknown;

  constructor(
    at: number,
    thread: number,
    kind: EventKind,
    actor: string,
    address: string,
    what: string,
    detail: unknown,
  ) {
    this.at = at;
    this.thread = thread;
    this.kind = kind;
    this.actor = actor;
    this.address = address;
    this.what = what;
    this.detail = detail;
  }

  toString(): string {
    const parts = [`${this.at} thread ${this.thread}:`, this.kind, this.actor, this.address, this.what];
    const detail = this.detail === undefined ? '' : show(this.detail);
    return [...parts, detail].filter((part) => part !== '').join(' ');
  }
}

const nameOf = ({ behavior }: Cell): string => behavior.details.name;

/** Is told of every handler and hook before it runs. */
export type BeforeRun = (details: Details, what: string) => void;

export class EventLog {
  readonly events: SimulationEvent[] = [];
  readonly #now: () => number;
  /** Dead threads, whose code may go on. */
  readonly #muted = new Set<number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  add(thread: number, kind: EventKind, what: string, detail?: unknown, actor = '', address = ''): void {
    if (!this.#muted.has(thread))
      this.events.push(new SimulationEvent(this.#now(), thread, kind, actor, address, what, detail));
  }

  threadBegins(thread: number, epoch: number): void {
    this.#muted.delete(thread);
    this.add(thread, 'thread-begins', `epoch ${epoch}`);
  }

  /** Nothing more is heard of the thread until another begins in its place. */
  threadEnds(thread: number, reason: string, message: string): void {
    this.add(thread, 'thread-ends', reason, message);
    this.#muted.add(thread);
  }

  #addOf(cell: Cell, kind: EventKind, what: string, detail: unknown): void {
    this.add(cell.thread, kind, what, detail, nameOf(cell), refKey(cell.ref));
  }

  /** A number that differs where logs do, as a text. */
  digest(): string {
    return (hashText(this.events.join('\n')) >>> 0).toString(16);
  }

  witness(thread: number): Witness {
    return {
      letter: ({ reason, actor = '', name = '', message }) =>
        this.add(thread, 'dead-letter', `${reason} ${name}`.trimEnd(), message, actor),
      problem: ({ kind, error }) => this.add(thread, 'problem', kind, error.message),
      life: (kind, cell, name = '', ended) =>
        this.#addOf(cell, kind, name, ended && `${ended.reason}: ${ended.detail}`),
    };
  }

  /** The same definition, whose handlers and hooks are written down before they run. */
  watch(details: Details, beforeRun: BeforeRun): Details {
    const enter = (self: unknown, what: string, detail?: unknown): void => {
      this.#addOf(self as Cell, 'runs', what, detail);
      beforeRun(details, what);
    };
    const { init, handlers, plan, hooks } = details;
    const wrapped = HOOKS.flatMap((name) => {
      const hook = name === 'init' ? undefined : (hooks[name] as ((...args: unknown[]) => unknown) | undefined);
      if (hook === undefined) return [];
      return [
        [
          name,
          (...args: unknown[]) => {
            enter(args.at(-1), name, args.length > 2 ? detailOf(args[1]) : undefined);
            return hook(...args);
          },
        ],
      ];
    });
    return {
      ...details,
      init: (self, args) => {
        enter(self, 'init', args);
        return init(self, args);
      },
      handlers: handlers.map((handler, index) => (state, message, self) => {
        enter(self, plan[index]!.name, message);
        return handler(state, message, self);
      }),
      hooks: { ...hooks, ...(Object.fromEntries(wrapped) as Partial<Hooks>) },
    };
  }
}

/** What a hook is told of an end: without errors, whose stacks tell nothing that repeats. */
const detailOf = (told: unknown): unknown => {
  const { kind, ended = told } = told as { kind?: string; ended?: unknown };
  const { reason, detail } = ended as { reason: string; detail: string };
  return `${kind === undefined ? '' : `${kind} `}${reason}: ${detail}`;
};
