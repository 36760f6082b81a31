/** Threads that the tests of rings end in the middle of something. */
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { CONTROL_WORDS, ControlWord, type VictimTask } from '../programs/ring-victim-task.js';
import { startThread } from './threads.js';

export class Victim {
  readonly #control = new Int32Array(new SharedArrayBuffer(CONTROL_WORDS * 4));
  readonly #thread: Worker;

  constructor(task: Omit<VictimTask, 'control'>) {
    this.#thread = startThread('ring-victim', { ...task, control: this.#control } satisfies VictimTask);
  }

  /** Tells it to go on, and waits until it has done that step. */
  async reach(step: number, first = 0): Promise<void> {
    if (step === 1) this.#control[ControlWord.first] = first;
    Atomics.store(this.#control, ControlWord.told, step);
    Atomics.notify(this.#control, ControlWord.told);
    for (let reached = 0; reached < step; reached = Atomics.load(this.#control, ControlWord.reached)) {
      const outcome = Atomics.waitAsync(this.#control, ControlWord.reached, reached);
      if (outcome.async) await outcome.value;
    }
  }

  tell(word: keyof typeof ControlWord): number {
    return Atomics.load(this.#control, ControlWord[word]);
  }

  /** Ends the thread; resolves with its exit code. */
  async terminate(): Promise<number> {
    const [[code]] = await Promise.all([once(this.#thread, 'exit'), this.#thread.terminate()]);
    return code as number;
  }
}

/** A thread takes a while to start: so many begin before their turn. */
const STARTED_AHEAD = 3;

/** Victims one after the other. Those that have begun when the loop ends are ended, too. */
export function* victims<Task extends Omit<VictimTask, 'control'>>(
  tasks: readonly Task[],
): Generator<{ readonly victim: Victim; readonly task: Task }> {
  const started: Victim[] = [];
  try {
    for (const [index, task] of tasks.entries()) {
      for (const next of tasks.slice(index + started.length, index + STARTED_AHEAD)) started.push(new Victim(next));
      yield { victim: started.shift()!, task };
    }
  } finally {
    for (const victim of started) void victim.terminate();
  }
}
