/** Shows how long messages of a running system are on the way, between all pairs of its threads: by probes, see `probe.ts`. */
import type { RefOf } from '../actor/definition.js';
import type { Ended, Watch } from '../actor/family.js';
import type { AnyRef, CallOptions } from '../actor/ref.js';
import type { SpawnOptions } from '../actor/self.js';
import { describe } from '../base/describe.js';
import { InvalidOptions, SystemStopped } from '../base/errors.js';
import { checkMembers } from '../base/members.js';
import { Probe } from './probe.js';

export interface ObserveOptions {
  /**
   * How often each thread sends a probe to every thread, in ms, 1 to 60,000. Default 50. A thread that would sleep is woken by
   * each probe, so what is seen of an idle system is what its messages would see, and it is less idle than it was.
   */
  readonly everyMs?: number;
}

export interface ReadDelaysOptions {
  /** Whether what was seen so far is forgotten, so that the next reading tells of the time from now on. Default false. */
  readonly reset?: boolean;
  /** How long a thread may take to answer, in ms, 0 to 2^30. Default: `callTimeoutMs` of the system. */
  readonly timeoutMs?: number;
}

/** How long probes from one thread to another, or to itself, were on the way. In microseconds, of two significant digits. */
export interface Delay {
  /** Threads by their numbers: 0 is the host. */
  readonly from: number;
  readonly to: number;
  /** Probes that have arrived. */
  readonly count: number;
  /** Probes for which there was no room on the way. */
  readonly refused: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  /** At most a minute. */
  readonly max: number;
}

/** Made by `system.observe`. */
export interface Observation extends AsyncDisposable {
  /**
   * What was seen since the start, or the last reading that has reset it; of a thread that has died, since it was replaced. Of
   * threads that do not answer in time there is nothing.
   *
   * @throws InvalidOptions, SystemStopped
   */
  read(options?: ReadDelaysOptions): Promise<readonly Delay[]>;
  /** Ends the probes. */
  stop(): Promise<void>;
}

type ProbeRef = RefOf<typeof Probe>;

/** What it needs of a system. */
export interface Observed {
  /** Observations that have not been stopped. */
  readonly observations: Set<Observation>;
  readonly threads: number;
  spawn(definition: typeof Probe, args: undefined, options: SpawnOptions): Promise<ProbeRef>;
  stop(ref: AnyRef): Promise<unknown>;
  watch(ref: AnyRef, listener: (ended: Ended) => void): Watch;
  unwatch(watch: Watch): void;
}

const EVERY_MS = { least: 1, most: 60_000, usual: 50 };

/** How often whoever ends it looks for probes on the way: something may have died with a thread. */
const LOOKS_MAX = 100;

const OBSERVE_OPTIONS: ReadonlySet<string> = new Set<keyof ObserveOptions>(['everyMs']);
const READ_OPTIONS: ReadonlySet<string> = new Set<keyof ReadDelaysOptions>(['reset', 'timeoutMs']);

const checkEvery = (options: ObserveOptions): number => {
  checkMembers('observe', options, OBSERVE_OPTIONS);
  const { everyMs = EVERY_MS.usual } = options;
  if (Number.isInteger(everyMs) && everyMs >= EVERY_MS.least && everyMs <= EVERY_MS.most) return everyMs;
  throw new InvalidOptions(`observe: everyMs is an integer from ${EVERY_MS.least} to ${EVERY_MS.most}`, {
    got: describe(everyMs),
  });
};

class Probes implements Observation {
  readonly #system: Observed;
  readonly #everyMs: number;
  /** By thread; undefined while it is made anew. */
  readonly #probes: ({ readonly ref: ProbeRef; readonly watch: Watch } | undefined)[] = [];
  #ended: Promise<void> | undefined;

  constructor(system: Observed, everyMs: number) {
    this.#system = system;
    this.#everyMs = everyMs;
  }

  async begin(): Promise<void> {
    const threads = Array.from({ length: this.#system.threads + 1 }, (_, thread) => thread);
    await Promise.all(threads.map((thread) => this.#open(thread)));
    this.#introduce();
  }

  async #open(place: number): Promise<void> {
    const ref = await this.#system.spawn(Probe, undefined, { place });
    if (this.#ended !== undefined) return void (await this.#system.stop(ref));
    const watch = this.#system.watch(ref, () => void this.#reopen(place));
    this.#probes[place] = { ref, watch };
  }

  /** Its thread has died, and another has taken its place. */
  async #reopen(place: number): Promise<void> {
    this.#probes[place] = undefined;
    if (this.#ended !== undefined) return;
    try {
      await this.#open(place);
      this.#introduce();
    } catch {
      // The system is being shut down, or the thread is not replaced: there is nothing to see any more.
    }
  }

  /** Makes all that are there known to each other. */
  #introduce(): void {
    const known = this.#probes.flatMap((probe) => (probe === undefined ? [] : [probe.ref]));
    for (const ref of known) ref.meet({ probes: known, everyMs: this.#everyMs });
  }

  async read(options: ReadDelaysOptions = {}): Promise<readonly Delay[]> {
    checkMembers('read', options, READ_OPTIONS);
    const { reset = false, timeoutMs } = options;
    if (this.#ended !== undefined) throw new SystemStopped('the observation has been stopped');
    const how: CallOptions = timeoutMs === undefined ? {} : { timeoutMs };
    const ask = (probe: { readonly ref: ProbeRef } | undefined) => probe?.ref.read({ reset }, how);
    const answers = await Promise.allSettled(this.#probes.map(ask));
    const readings = answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : undefined));
    return readings.flatMap((reading, to) =>
      (reading?.delays ?? []).map(({ from, ...delay }) => ({
        from,
        to,
        ...delay,
        refused: readings[from]?.refused[to] ?? 0,
      })),
    );
  }

  async stop(): Promise<void> {
    this.#ended ??= this.#end();
    await this.#ended;
  }

  async #end(): Promise<void> {
    const open = this.#probes.flatMap((probe) => (probe === undefined ? [] : [probe]));
    for (const { watch } of open) this.#system.unwatch(watch);
    // What is on the way to an actor that has ended would be a dead letter.
    for (let look = 0; look < LOOKS_MAX && (await this.#areUnderWay()); look++);
    // Whose thread has died is gone already.
    await Promise.allSettled(open.map(({ ref }) => this.#system.stop(ref)));
    this.#system.observations.delete(this);
  }

  /** Tells all to send no more. Returns whether something is still on the way between those that answer. */
  async #areUnderWay(): Promise<boolean> {
    const answers = await Promise.allSettled(this.#probes.map((probe) => probe?.ref.cease({})));
    const counts = answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : undefined));
    return counts.some((one, from) =>
      counts.some(
        (other, to) => one !== undefined && other !== undefined && (one.sent[to] ?? 0) > (other.arrived[from] ?? 0),
      ),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** @throws InvalidOptions, and as `spawn` */
export const observe = async (system: Observed, options: ObserveOptions = {}): Promise<Observation> => {
  const probes = new Probes(system, checkEvery(options));
  system.observations.add(probes);
  try {
    await probes.begin();
  } catch (error) {
    await probes.stop();
    throw error;
  }
  return probes;
};
