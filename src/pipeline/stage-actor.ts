/**
 * One actor of a pipeline: hears what its job and its neighbours tell, and lets the stage run.
 *
 * ```
 *   frames --> channels --> runner --> channels --> frames
 *                 ^            |          |
 *    credit <-----+         failure      room: no step without it
 * ```
 */
import type { Cell } from '../actor/cell.js';
import type { Reply } from '../actor/self.js';
import type { Core } from '../runtime/core.js';
import { BUSY, NOTIFIED, PENDING, PRODUCED, Row, WAITING } from './board.js';
import { Channels } from './channels.js';
import { Context } from './context.js';
import type { StageDetails } from './details.js';
import { Newsdesk } from './newsdesk.js';
import type { BeginMessage, Frame, InletPlan, OutletPlan, Report, StageMessages, StageRef } from './protocol.js';
import { Runner } from './runner.js';
import type { StageSetup } from './setup.js';
import type { StageSelf } from './stage-self.js';
import { Tally } from './tally.js';

export class StageActor implements StageMessages {
  readonly #self: StageSelf;
  readonly #core: Core;
  readonly #details: StageDetails;
  readonly #setup: StageSetup;
  readonly #context: Context;
  readonly #tally: Tally;
  readonly #channels: Channels;
  readonly #runner: Runner;
  readonly #news = new Newsdesk();
  /** The number of its row on the board. */
  #number = 0;
  /** What sinks have acknowledged, of a source. */
  #sinks = new Map<number, number>();
  /** To whom a sink acknowledges. */
  #sources: readonly StageRef[] = [];
  /** What was acknowledged last. */
  #told = 0;
  /** A source ends when it has made so many items. */
  #until = Number.POSITIVE_INFINITY;
  /** How often its job has begun again. */
  #attempt = 0;
  #isBegun = false;
  #isRunning = false;
  /** It waits for neighbours that have not heard yet that it wants no more. */
  #isLeaving = false;
  #hasTurn = false;
  #alarmMs = Number.POSITIVE_INFINITY;

  private constructor(self: StageSelf, details: StageDetails, setup: StageSetup) {
    this.#self = self;
    this.#core = (self as unknown as Cell).behavior.kernel as Core;
    this.#details = details;
    this.#setup = setup;
    this.#context = new Context(setup, self.thread, () => this.stop());
    this.#tally = new Tally(setup.isAcknowledged, details.ins.length === 0, this.#context);
    const again = (): void => this.#takeTurn();
    this.#channels = new Channels(self, details, setup, this.#tally, {
      again,
      refused: (port, id, item, error) => this.#runner.refused(port, id, item, error),
      mark: () => this.#runner.mark,
    });
    this.#runner = new Runner(this.#core, details, setup, this.#context, this.#tally, this.#channels, {
      wake: () => this.#run(),
      again,
      yield: () => {
        again();
        this.#core.yield();
      },
      alarmAt: (ms) => this.#setAlarm(ms),
      tell: (news) => this.#news.tell(news),
      fault: (news) => {
        this.#end();
        this.#news.tell({ kind: 'fault', ...news });
      },
    });
  }

  static async begin(self: unknown, details: StageDetails, setup: StageSetup): Promise<StageActor> {
    const actor = new StageActor(self as StageSelf, details, setup);
    if (setup.role === 'work') await actor.#runner.states.begin();
    return actor;
  }

  // ---- what it is told by its job ---------------------------------------------------------------------------------

  open({ outlets, inlets }: { outlets: readonly OutletPlan[]; inlets: readonly InletPlan[] }): boolean {
    this.#channels.open(inlets, outlets, this.#runner.isOver);
    this.#run();
    return true;
  }

  /** Takes channels away; what is emitted then waits for others, or nobody wants it. */
  shut(
    { held, discarded }: { held: readonly number[]; discarded: readonly number[] },
    reply: Reply<boolean>,
  ): Reply<boolean> {
    this.#channels.shut(held, discarded, () => reply.send(true));
    if (this.#runner.isOver) this.#channels.finishShutting();
    else this.#settle();
    return reply;
  }

  async begin({ board, row, from, attempt, sinks, sources }: BeginMessage): Promise<boolean> {
    this.#number = row;
    this.#attempt = attempt;
    this.#tally.row = new Row(board.buffer, row);
    this.#tally.produced = from;
    this.#sinks = new Map(sinks.map((sink) => [sink, from]));
    this.#sources = sources.map((source) => this.#channels.peer(source));
    this.#told = from;
    if (attempt > 0 && !(await this.#runner.replay(from))) return false;
    this.#runner.rules.begin();
    this.#isBegun = true;
    this.#run();
    return true;
  }

  /** A source ends, and what follows when it has done all; `now`: nothing more is done. */
  finish({ now }: { now: boolean }): void {
    if (now) {
      this.#end();
      this.#report();
    } else if (this.#details.ins.length === 0) {
      // What it has made before it began again is made again, so that it can be acknowledged.
      this.#until = this.#tally.row?.get(PRODUCED) ?? this.#until;
      this.#run();
    } else if (this.#channels.hasLoop) this.stop();
  }

  /** Forgets what is under way, to begin again from what was acknowledged. */
  rewind(reply: Reply<boolean>): Reply<boolean> {
    this.#isBegun = false;
    this.#isLeaving = false;
    this.#sinks.clear();
    this.#channels.clear();
    void this.#runner.rewind().then(() => {
      this.#news.forgetEnd();
      reply.send(true);
    });
    return reply;
  }

  next(reply: Reply<Report>): Reply<Report> {
    this.#news.read(reply);
    return reply;
  }

  /** The actor has ended. */
  stopped(): unknown {
    this.#end();
    return this.#setup.role === 'work' ? this.#runner.states.end() : undefined;
  }

  // ---- what it is told by its neighbours --------------------------------------------------------------------------

  arrive(frame: Frame): void {
    if (!this.#channels.arrive(frame, this.#runner.isOver && !this.#isLeaving)) return;
    if (this.#isLeaving) this.#leave();
    else this.#run();
  }

  credit({ channel, taken, window }: { channel: number; taken: number; window: number }): void {
    this.#channels.credit(channel, taken, window);
    this.#run();
  }

  ended({ channel }: { channel: number }): void {
    this.#channels.ended(channel);
    if (this.#isLeaving) this.#leave();
    else this.#run();
  }

  closed({ channel }: { channel: number }): void {
    if (this.#channels.closed(channel)) this.stop();
    else this.#run();
  }

  acknowledge({ sink, upTo, attempt }: { sink: number; upTo: number; attempt: number }): void {
    if (attempt !== this.#attempt || !this.#sinks.has(sink)) return;
    this.#sinks.set(sink, upTo);
    const low = Math.min(...this.#sinks.values());
    if (low <= this.#told) return;
    this.#told = low;
    this.#tally.row?.publishAcknowledged(low);
    this.#details.acknowledged?.(this.#runner.states.only, low, this.#context);
  }

  turn(): void {
    this.#hasTurn = false;
    this.#run();
  }

  alarm(): void {
    this.#alarmMs = Number.POSITIVE_INFINITY;
    this.#run();
  }

  notify(): void {
    this.#runner.rules.notify();
    this.#tally.row?.add(NOTIFIED, 1);
    this.#run();
  }

  /** Ends after what it is doing. */
  stop(): void {
    this.#endAfterThis();
    this.#run();
  }

  #endAfterThis(): void {
    this.#runner.isStopping = true;
    this.#context.onEnd();
  }

  // ---- running ----------------------------------------------------------------------------------------------------

  #run(): void {
    if (this.#isRunning || !this.#isBegun || this.#runner.isOver) return;
    this.#isRunning = true;
    try {
      this.#channels.flush();
      if (!this.#runner.isWaiting) this.#runner.run();
      this.#settle();
    } finally {
      this.#isRunning = false;
    }
  }

  /** Sends what is left, tells others how far it is, and sees whether that was all. */
  #settle(): void {
    if (!this.#isBegun) return;
    if (!this.#runner.isOver) this.#channels.settle(this.#runner.itemsPerMs);
    this.#acknowledge();
    if (this.#tally.produced >= this.#until) this.#endAfterThis();
    if (this.#runner.finish()) {
      this.#runner.isOver = true;
      this.#isLeaving = true;
      this.#channels.end();
      this.#leave();
    } else this.#report();
  }

  /** It has done all that it will. It has ended when nobody has anything on the way to it any more. */
  #leave(): void {
    this.#tally.unwanted(this.#runner.discard());
    // Whoever hears of the end looks at the counters.
    this.#report();
    if (!this.#channels.isLeft) return;
    this.#isLeaving = false;
    this.#news.tell({ kind: 'ended', port: '', id: -1, code: '', message: '', item: undefined });
  }

  /** A sink tells the source what it has done. */
  #acknowledge(): void {
    if (this.#sources.length === 0) return;
    const { mark } = this.#runner;
    if (mark <= this.#told) return;
    this.#told = mark;
    for (const source of this.#sources) source.acknowledge({ sink: this.#number, upTo: mark, attempt: this.#attempt });
  }

  #end(): void {
    this.#runner.isOver = true;
    this.#runner.abandon();
  }

  /** There is more to do, after others have had their turn. */
  #takeTurn(): void {
    if (this.#hasTurn || this.#runner.isOver) return;
    this.#hasTurn = true;
    try {
      (this.#self.ref as unknown as StageRef).turn();
    } catch {
      // The system is being shut down; whatever emits now is not to fail by that.
    }
  }

  #setAlarm(atMs: number): void {
    if (atMs >= this.#alarmMs) return;
    this.#alarmMs = atMs;
    this.#self.after(Math.max(0, atMs - this.#core.clock.now()), 'alarm');
  }

  #report(): void {
    const { row } = this.#tally;
    if (row === undefined) return;
    this.#tally.write();
    row.set(PRODUCED, Math.max(row.get(PRODUCED), this.#tally.produced));
    row.set(WAITING, this.#channels.waiting + this.#runner.gathered);
    row.set(PENDING, this.#channels.queued);
    const { isOver, isWaiting } = this.#runner;
    // A turn that it took before it ended does nothing.
    row.set(BUSY, !isOver && (this.#hasTurn || isWaiting) ? 1 : 0);
  }
}
