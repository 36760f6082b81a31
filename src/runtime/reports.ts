/**
 * What a thread tells of itself: dead letters, problems, and that it takes messages. Dead letters and problems are counted
 * on their thread always, and told to the host: problems always, dead letters while somebody there reads them.
 */

import type { Cell } from '../actor/cell.js';
import type { Ended } from '../actor/family.js';
import type { AnyRef } from '../actor/ref.js';
import { type Culprit, MessageTooLarge, nameOf, SlowHandler, withoutStack } from '../base/errors.js';
import { REPORTS_MAX } from '../base/limits.js';
import { BoundedStream } from '../base/stream.js';
import type { DeadReason } from '../mesh/books.js';
import type { Mesh } from '../mesh/mesh.js';
import { BODY_AT, REPORT } from '../mesh/records.js';
import { type ErrorEnvelope, isError, packError, unpackError } from '../messages/envelope.js';
import { NO_ROOM } from '../messages/memory.js';
import { deadLetterTopic, problemTopic, threadReadyTopic } from './diagnostics.js';

/** A request that was accepted and never handled. */
export interface DeadLetter {
  readonly reason: DeadReason;
  /** The thread where it was found to be dead. */
  readonly thread: number;
  /** What it was sent to and what it was, as far as known there: `Account`, `deposit`. */
  readonly actor: string | undefined;
  readonly name: string | undefined;
  /** The message, unless it was too large or held what cannot travel to the host. */
  readonly message: unknown;
}

/** Something in the life of an actor. */
export interface LifeEvent {
  readonly kind: /** Its `init` has succeeded: at first, or at a restart. */
    | 'spawned'
    /** It has ended for good. */
    | 'ended'
    /** It can be found by a name from now on, or no longer. */
    | 'named'
    | 'unnamed';
  readonly ref: AnyRef;
  /** What its definition is called. */
  readonly actor: string;
  readonly name: string | undefined;
  /** How it has ended; without the error, which `problems` tells. */
  readonly ended: Ended | undefined;
}

export type ProblemKind =
  /** A handler or `init` failed, and its actor ended. */
  | 'actor-failed'
  /** A thread could not import the module of an actor that nobody awaits. */
  | 'definition-failed'
  /** A promise that nobody awaited was rejected. */
  | 'floating-rejection'
  /** An actor was not started again because it had ended its thread twice. */
  | 'poison'
  /** What `self.pipe` was to send could not be made, or was refused. */
  | 'pipe-failed'
  /** A thread has ended that should not have. */
  | 'thread-ended'
  /** A handler, or code between handlers, has kept its thread for a second. */
  | 'slow-handler';

/** Something that went wrong. */
export interface Problem {
  readonly kind: ProblemKind;
  readonly thread: number;
  readonly error: Error;
}

/** What the control thread tells the host of code that does not return: thread, ms so far, and what it is. */
export type SlowReport = readonly ['slow', number, number, Culprit | undefined];

/** `Account.deposit has not returned`, for people. */
export const slowText = (culprit: Culprit | undefined): string =>
  `${culprit === undefined ? 'code between handlers' : nameOf(culprit)} has not returned`;

/** Sees what is told of a thread, on that thread, whether or not anybody reads it. */
export interface Witness {
  letter(letter: DeadLetter): void;
  problem(problem: Problem): void;
  life(kind: LifeEvent['kind'], cell: Cell, name: string | undefined, ended: Ended | undefined): void;
}

/** Makes a ref of an address. */
type RefMaker = (thread: number, slot: number, generation: number) => AnyRef;

/** A `LifeEvent` on its way: what it is, kind, thread, slot, generation, definition, name, end. */
type LifeReport = readonly [
  'life',
  LifeEvent['kind'],
  number,
  number,
  number,
  string,
  string | undefined,
  Ended | undefined,
];

/** Larger letters travel without their message. */
const LETTER_BYTES_MAX = 1 << 14;
/** The texts of an error are cut before they are packed, so that this is enough. */
const PROBLEM_BYTES_MAX = 1 << 20;
/** No order is kept. */
const NO_KEY = -1;

export class Reports {
  readonly deadLetters: BoundedStream<DeadLetter>;
  readonly problems = new BoundedStream<Problem>(REPORTS_MAX);
  readonly lives: BoundedStream<LifeEvent>;
  readonly #mesh: Mesh;
  readonly #words: Int32Array;
  readonly #livesWord: number;
  readonly #refs: RefMaker;
  readonly #witness: Witness | undefined;

  constructor(mesh: Mesh, refs: RefMaker, witness: Witness | undefined) {
    this.#mesh = mesh;
    this.#refs = refs;
    this.#witness = witness;
    this.#words = mesh.tools.memory.i32;
    this.#livesWord = mesh.layout.livesWord;
    const wanted = mesh.layout.reportsWord;
    this.lives = new BoundedStream<LifeEvent>(REPORTS_MAX, (readers) => {
      // Read by `life` on every thread.
      Atomics.store(this.#words, this.#livesWord, readers > 0 ? 1 : 0);
    });
    this.deadLetters = new BoundedStream<DeadLetter>(REPORTS_MAX, (readers) => {
      // Read by `wantsLetters` on every thread; a letter more or less at the moment of the change does not matter.
      Atomics.store(mesh.tools.memory.i32, wanted, readers > 0 ? 1 : 0);
    });
  }

  /** Whether somebody on the host reads dead letters. */
  get wantsLetters(): boolean {
    return Atomics.load(this.#mesh.tools.memory.i32, this.#mesh.layout.reportsWord) === 1;
  }

  letter(reason: DeadReason, actor: string | undefined, name: string | undefined, message: unknown): void {
    const { thread } = this.#mesh;
    this.#mesh.books.addDead(reason, 1);
    this.#witness?.letter({ reason, thread, actor, name, message });
    if (deadLetterTopic.wanted) deadLetterTopic.publish({ reason, thread, actor, name, message });
    if (!this.wantsLetters) return;
    if (thread === 0) this.deadLetters.push({ reason, thread, actor, name, message });
    else if (!this.#tell(['letter', reason, thread, actor, name, message], LETTER_BYTES_MAX)) {
      this.#tell(['letter', reason, thread, actor, name, undefined], LETTER_BYTES_MAX);
    }
  }

  /** Tells whoever reads `lives` on the host. A plain look, because there are many lives: readers may miss the first ones. */
  life(kind: LifeEvent['kind'], cell: Cell, name?: string, ended?: Ended): void {
    this.#witness?.life(kind, cell, name, ended);
    if (this.#words[this.#livesWord] !== 1) return;
    const { thread } = this.#mesh;
    const { behavior, slot, generation } = cell;
    const end = ended === undefined ? undefined : { reason: ended.reason, detail: ended.detail };
    const life: LifeReport = ['life', kind, thread, slot, generation, behavior.details.name, name, end];
    if (thread === 0) this.#noteLife(life);
    else this.#tell(life, LETTER_BYTES_MAX);
  }

  #noteLife([, kind, thread, slot, generation, actor, name, ended]: LifeReport): void {
    this.lives.push({ kind, ref: this.#refs(thread, slot, generation), actor, name, ended });
  }

  problem(kind: ProblemKind, error: unknown): void {
    const { thread } = this.#mesh;
    const shown = isError(error) ? error : new Error(packError(error).message);
    this.#witness?.problem({ kind, thread, error: shown });
    this.#noteProblem({ kind, thread, error: shown });
    if (thread !== 0) this.#tell(['problem', kind, thread, packError(error)], PROBLEM_BYTES_MAX);
  }

  /** On its thread and, where that is another, on the host. */
  #noteProblem(problem: Problem): void {
    if (problemTopic.wanted) problemTopic.publish(problem);
    this.problems.push(problem);
  }

  /** This worker takes messages. */
  ready(epoch: number): void {
    const { thread } = this.#mesh;
    this.#noteReady(thread, epoch);
    this.#tell(['ready', epoch, thread], LETTER_BYTES_MAX);
  }

  #noteReady(thread: number, epoch: number): void {
    if (threadReadyTopic.wanted) threadReadyTopic.publish({ thread, epoch });
  }

  /** Sends a report to the host. False if it cannot travel. */
  #tell(report: readonly unknown[], bytesMax: number): boolean {
    try {
      this.#mesh.links[0]?.transmit({
        type: REPORT,
        key: NO_KEY,
        reserved: false,
        message: undefined,
        write: ({ general }, at, end) => {
          const written = general.write(report, at + BODY_AT, Math.min(end, at + bytesMax));
          // More room would not help; without this the link would offer it.
          if (written === NO_ROOM && end - at >= bytesMax) {
            throw withoutStack(() => new MessageTooLarge('the report is too large', { bytesMax }));
          }
          return written;
        },
      });
      return true;
    } catch {
      // What cannot be told is still counted.
      return false;
    }
  }

  /** A report of another thread. */
  receive(report: unknown): void {
    if (!Array.isArray(report)) return;
    if (report[0] === 'slow') {
      this.#noteSlow(report as unknown as SlowReport);
      return;
    }
    const [what, kind, thread, ...rest] = report as [string, unknown, number, ...unknown[]];
    if (what === 'letter') {
      const [actor, name, message] = rest as [string | undefined, string | undefined, unknown];
      this.deadLetters.push({ reason: kind as DeadReason, thread, actor, name, message });
    } else if (what === 'ready') this.#noteReady(thread, kind as number);
    else if (what === 'life') this.#noteLife(report as unknown as LifeReport);
    else {
      const error = unpackError(rest[0] as ErrorEnvelope, `on thread ${thread}`);
      this.#noteProblem({ kind: kind as ProblemKind, thread, error });
    }
  }

  #noteSlow([, thread, ms, culprit]: SlowReport): void {
    const error = withoutStack(() => new SlowHandler(slowText(culprit), { thread, ms }, { culprit }));
    this.#noteProblem({ kind: 'slow-handler', thread, error });
  }

  end(): void {
    this.deadLetters.end();
    this.problems.end();
    this.lives.end();
  }
}
