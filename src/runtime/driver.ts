/**
 * Drives a core from an event loop: steps while there is something to do, gives the loop its turns, spins a little
 * when there is nothing, and sleeps last.
 *
 * ```
 *            work                      nothing for long               rung, kicked, or a deadline
 *   STEPPING <----> SPINNING ------------------------------> ASLEEP ------------------------------> STEPPING
 * ```
 *
 * How long it spins. A wake costs 60 to 90 us on a virtual machine, so a spin of that length is what a thread may
 * bet on the next message; it bets less after each bet it loses, and more after each it wins. It does not spin
 *
 * - after several bets in a row were lost, until the traffic is hot: lone messages are worth no spin;
 * - while more threads are awake than there are cores: it would take the time of one that has work;
 * - after its own last publication has woken a sleeper: the kernel tends to wake that thread on the waker's core,
 *   where a spin would keep it from running (measured: the reply takes twice the spin). Unless sleeps follow one
 *   another so closely that the traffic is hot: then both sides spin, and neither sleeps.
 *
 * The host does not spin, it asks again every turn of its event loop, which belongs to the application.
 */
import type { Core, Driver } from './core.js';

/** How a thread with nothing to do waits. */
export type Park =
  /** On its event loop: timers, sockets and promises of its actors go on. */
  | 'event-loop'
  /** Blocked, which wakes sooner; for systems whose actors own no I/O and no timers but those of `self`. */
  | 'block';

export interface DriverOptions {
  readonly spinMicros: number;
  readonly park: Park;
  /** Processor cores that the process may use. */
  readonly cores: number;
  /** Whether spinning may keep the event loop waiting; not on the host. */
  readonly tight: boolean;
  /** Whether a sleeping driver keeps its thread, or the process, alive. */
  readonly keepAlive: boolean;
}

/** Busy steps, or looks that found nothing, between two looks at the clock. */
const STEPS_PER_CLOCK = 32;
/** Looks after promises were settled that all let microtasks run. */
const MICROTASK_LOOKS = 16;
/** The shortest spin, as a part of the longest. */
const SPIN_SHARE_MIN = 1 / 8;
/** Sleeps that follow one another within this time are a sign of hot traffic, when this many do in a row. */
const HOT_MS = 1;
const HOT_SLEEPS = 4;
/** A sleep that lasts this long looks whether it missed a wake. */
export const BELT_MS = 1000;

/** What has to be done when stepping is interrupted. */
const GO_ON = 0;
const MICROTASKS = 1;
const TURN = 2;
const SLEEP = 3;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class LoopDriver implements Driver {
  readonly #core: Core;
  readonly #options: DriverOptions;
  readonly #words: Int32Array;
  readonly #spinMaxMs: number;
  readonly #spinMinMs: number;
  #spinMs: number;
  #busy = 0;
  /** Looks in a row that found nothing. */
  #looks = 0;
  /** Of these, how many are still to let microtasks run. */
  #microtaskLooks = 0;
  /** When the spin that is under way ends; 0: not decided yet. */
  #spinUntil = 0;
  #hotSleeps = 0;
  #lastSleep = 0;
  #stopped = false;
  #flushScheduled = false;
  #listening = false;
  /** Microtasks have their turn between two steps: what they send is published by the next step. */
  #soon = false;
  #kick: (() => void) | undefined;
  /** The sleep that had something to do when it was last looked at. */
  #suspect: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #belt: NodeJS.Timeout | undefined;

  constructor(core: Core, options: DriverOptions) {
    this.#core = core;
    this.#options = options;
    this.#words = core.mesh.tools.memory.i32;
    this.#spinMaxMs = options.spinMicros / 1000;
    this.#spinMinMs = this.#spinMaxMs * SPIN_SHARE_MIN;
    this.#spinMs = this.#spinMaxMs;
    core.driver = this;
  }

  // ---- what the core asks for -------------------------------------------------------------------------------------

  wake(): void {
    this.#kick?.();
  }

  flushSoon(): void {
    if (this.#soon || this.#flushScheduled) return;
    this.#flushScheduled = true;
    queueMicrotask(() => {
      this.#flushScheduled = false;
      this.#core.flush();
      if (this.#kick === undefined) return;
      // A sleeper does not know yet of what came with what was sent: a wish for room, or a deadline.
      if (this.#core.waitsForRoom) this.#kick();
      else {
        this.#armTimer(this.#core.clock.now());
        this.#hold();
      }
    });
  }

  /** Ends `run` at its next step. */
  stop(): void {
    this.#stopped = true;
    this.#kick?.();
  }

  // ---- the loop ---------------------------------------------------------------------------------------------------

  /** Runs until `stop`. */
  async run(): Promise<void> {
    this.#begin();
    while (!this.#stopped) {
      const next = this.#options.tight ? this.#stepOn() : this.#stepOnce();
      if (next === MICROTASKS) {
        this.#soon = true;
        await undefined;
        this.#soon = false;
      } else if (next === TURN) await this.#turn();
      else await this.#sleep();
    }
    this.#end();
  }

  /**
   * Steps until something else has to be done, and says what. A plain function, because whatever follows an `await` is
   * entered anew each time, and runs cold.
   */
  #stepOn(): typeof MICROTASKS | typeof TURN | typeof SLEEP {
    const core = this.#core;
    while (!this.#stopped) {
      if (core.step() > 0) {
        if (this.#looks > 0) this.#wonSpin();
        if (core.microtasks) return this.#letMicrotasks();
        if (++this.#busy % STEPS_PER_CLOCK === 0) core.tick();
        if (core.turnDue) return TURN;
      } else {
        const next = this.#found();
        if (next !== GO_ON) return next;
      }
    }
    return TURN;
  }

  /** The host's way: after each look that found nothing, a turn of the event loop. */
  #stepOnce(): typeof MICROTASKS | typeof TURN | typeof SLEEP {
    const core = this.#core;
    while (core.step() > 0) {
      if (this.#looks > 0) this.#wonSpin();
      if (core.microtasks) return this.#letMicrotasks();
      if (++this.#busy % STEPS_PER_CLOCK === 0) core.tick();
      if (core.turnDue) return TURN;
    }
    if (++this.#looks === 1 && !this.#maySpin()) return this.#sleepAtOnce();
    return this.#clockLook() === SLEEP ? SLEEP : TURN;
  }

  #letMicrotasks(): typeof MICROTASKS {
    this.#core.microtasks = false;
    this.#microtaskLooks = MICROTASK_LOOKS;
    return MICROTASKS;
  }

  /** After a look that found nothing. */
  #found(): typeof GO_ON | typeof MICROTASKS | typeof TURN | typeof SLEEP {
    if (++this.#looks === 1 && !this.#maySpin()) return this.#sleepAtOnce();
    // Code that waits for a promise which was just settled may be several microtasks away from its next message.
    if (this.#microtaskLooks > 0) {
      this.#microtaskLooks--;
      return MICROTASKS;
    }
    if (this.#looks % STEPS_PER_CLOCK !== 0) return GO_ON;
    const next = this.#clockLook();
    // That others have something to do cannot be seen, so they get their chance now and then.
    return next === GO_ON ? MICROTASKS : next;
  }

  #clockLook(): typeof GO_ON | typeof TURN | typeof SLEEP {
    const now = this.#core.tick();
    if (this.#spinUntil === 0) this.#spinUntil = now + (this.#isHot ? this.#spinMaxMs : this.#spinMs);
    if (now >= this.#spinUntil || this.#crowded()) return this.#lostSpin();
    return this.#core.turnDue ? TURN : GO_ON;
  }

  #wonSpin(): void {
    this.#looks = 0;
    this.#spinUntil = 0;
    if (this.#spinMs < this.#spinMaxMs)
      this.#spinMs = Math.min(this.#spinMaxMs, Math.max(this.#spinMinMs, this.#spinMs * 2));
  }

  #sleepAtOnce(): typeof SLEEP {
    this.#looks = 0;
    this.#spinUntil = 0;
    return SLEEP;
  }

  #lostSpin(): typeof SLEEP {
    this.#spinMs = this.#spinMs > this.#spinMinMs ? this.#spinMs / 2 : 0;
    return this.#sleepAtOnce();
  }

  #begin(): void {
    this.#setAwake(1);
    this.#belt = setInterval(() => this.#look(), BELT_MS);
    if (!this.#options.keepAlive) this.#belt.unref();
  }

  #end(): void {
    this.#setAwake(0);
    // An outstanding wait keeps all shared memory of the system as long as the process lives.
    this.#core.mesh.bell.rouse();
    clearInterval(this.#belt);
    clearTimeout(this.#timer);
  }

  async #turn(): Promise<void> {
    this.#core.mesh.books.add('turns', 1);
    await nextTurn();
    this.#core.turned();
  }

  get #isHot(): boolean {
    return this.#hotSleeps >= HOT_SLEEPS;
  }

  #maySpin(): boolean {
    const { mesh } = this.#core;
    if (mesh.layout.threads === 1) return false;
    const woke = mesh.takeWoke();
    return this.#isHot || (!woke && this.#spinMs > 0);
  }

  /** Read by others that spin, which is why it is a store and no count: a thread that dies cannot take its part back. */
  #setAwake(awake: 0 | 1): void {
    const { layout, thread } = this.#core.mesh;
    Atomics.store(this.#words, layout.awakeWord(thread), awake);
  }

  /** Whether more threads are awake than there are cores. Advisory, so plain loads are enough. */
  #crowded(): boolean {
    const { layout } = this.#core.mesh;
    const first = layout.awakeWord(0);
    let awake = 0;
    for (let thread = 0; thread < layout.threads; thread++) awake += this.#words[first + thread]!;
    return awake > this.#options.cores;
  }

  /** An import needs the event loop, whatever the actors have promised. */
  get #mayBlock(): boolean {
    const { park, tight } = this.#options;
    return park === 'block' && tight && this.#core.births.modules.importing === 0;
  }

  async #sleep(): Promise<void> {
    const core = this.#core;
    // Microtasks, of which there may be many in a row, and what the control plane says stand still while the thread is blocked.
    if (this.#mayBlock) await this.#turn();
    core.prepareSleep();
    const began = core.tick();
    this.#hotSleeps = began - this.#lastSleep < HOT_MS ? this.#hotSleeps + 1 : 0;
    this.#lastSleep = began;
    this.#setAwake(0);
    if (this.#mayBlock) this.#block(began);
    else await this.#listen(began);
    this.#setAwake(1);
    const slept = core.turned() - began;
    core.mesh.books.add('asleepMs', slept);
  }

  /** Sleeps until the bell rings or a deadline has come; the event loop stands still meanwhile. */
  #block(now: number): void {
    const core = this.#core;
    const { bell } = core.mesh;
    bell.arm();
    // Pairs with `Doorbell.ring`, as in `#listen`.
    if (!this.#stopped && !core.mustStayAwake()) {
      core.mesh.books.add('sleeps', 1);
      const delay = core.delay(now);
      const late = !bell.block(Math.min(delay, BELT_MS)) && delay > BELT_MS && core.hasWork();
      // Whoever published what is seen now may be just about to ring.
      if (late && !bell.block(BELT_MS)) core.mesh.books.add('missedWakes', 1);
    }
    bell.disarm();
  }

  /** Sleeps on the event loop until the bell rings, or something of this thread wakes it. */
  async #listen(now: number): Promise<void> {
    const core = this.#core;
    const { bell } = core.mesh;
    bell.arm();
    // Pairs with `Doorbell.ring`: whoever published before this look is seen, whoever does later rings.
    if (!this.#stopped && !core.mustStayAwake()) {
      core.mesh.books.add('sleeps', 1);
      this.#armTimer(now);
      this.#listenOnce();
      this.#hold();
      await new Promise<void>((resolve) => {
        this.#kick = resolve;
      });
      this.#kick = undefined;
    }
    bell.disarm();
  }

  /** Whoever waits for an answer keeps the process alive, even if the system does not. */
  #hold(): void {
    if (this.#options.keepAlive) return;
    if (this.#core.calls.count > 0 || this.#core.rooms.count > 0) this.#belt?.ref();
    else this.#belt?.unref();
  }

  /** At most one listener at a time, however often other things end a sleep. */
  #listenOnce(): void {
    if (this.#listening || this.#core.mesh.layout.threads === 1) return;
    this.#listening = true;
    void this.#core.mesh.bell.listen().then(() => {
      this.#listening = false;
      this.#kick?.();
    });
  }

  #armTimer(now: number): void {
    const delay = this.#core.delay(now);
    if (delay === Number.POSITIVE_INFINITY || now + delay >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = now + delay;
    this.#timer = setTimeout(() => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#kick?.();
    }, delay);
    if (!this.#options.keepAlive) this.#timer.unref();
  }

  /**
   * Every second: a sleeper that has something to do has missed its wake, if it is still so a second later. At first its
   * wake may be on the way.
   */
  #look(): void {
    // Nothing else of a thread that sleeps on its event loop shows that the loop goes on.
    this.#core.beat();
    if (this.#kick === undefined || !this.#core.hasWork()) this.#suspect = undefined;
    else if (this.#suspect !== this.#kick) this.#suspect = this.#kick;
    else {
      this.#core.mesh.books.add('missedWakes', 1);
      this.#kick();
    }
  }
}
