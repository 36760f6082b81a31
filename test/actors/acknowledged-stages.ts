/** Stages of acknowledged pipelines, and what those on the host have seen. */
import { defineStage, text, u32 } from 'heddle';

/** What the sinks of a test have processed, by its name. */
export class Ledger {
  readonly times: Uint8Array;
  /** Items that were processed, again and again those that came again. */
  processed = 0;
  /** Items that were processed at least once. */
  distinct = 0;
  /** Items whose number was not the one that they have. */
  strange = 0;
  /** What the source was told to be done. */
  readonly acknowledged: number[] = [];
  /** Where the source began again. */
  readonly replays: number[] = [];

  constructor(count: number) {
    this.times = new Uint8Array(count);
  }

  note(id: number, item: number): void {
    this.processed++;
    if (id !== item) this.strange++;
    if (this.times[id] === 0) this.distinct++;
    if (this.times[id]! < 2) this.times[id]!++;
  }
}

export const ledgers = new Map<string, Ledger>();

/** Processes each item on the host. */
export const Note = defineStage(import.meta.url, 'Note', {
  in: u32,
  init: (_, ledger: string) => ledgers.get(ledger)!,
  process: (ledger, n, _, stage) => ledger.note(stage.id, n),
});

/** The same, some at a time, and later. */
export const NoteLater = defineStage(import.meta.url, 'NoteLater', {
  in: u32,
  window: { count: 50, ms: 5 },
  init: (_, ledger: string) => ledgers.get(ledger)!,
  async process(ledger, items) {
    await new Promise((resolve) => setImmediate(resolve));
    for (const n of items) ledger.note(n, n);
  },
});

/** Emits the numbers from 0 on, on the host, and keeps what it is told. */
export const Told = defineStage(import.meta.url, 'Told', {
  out: u32,
  init: (_, { ledger, to }: { ledger: string; to: number }) => ({ ledger: ledgers.get(ledger)!, next: 0, to }),
  process(state, _, out, stage) {
    if (state.next === state.to) stage.stop();
    else out.emit(state.next++);
  },
  replay(state, from) {
    state.ledger.replays.push(from);
    state.next = from;
  },
  acknowledged: ({ ledger }, upTo) => void ledger.acknowledged.push(upTo),
});

/** Emits numbers by and by; what it was about to emit when it is told to begin again must not come in between. */
export const Dawdling = defineStage(import.meta.url, 'Dawdling', {
  out: u32,
  init: (_, to: number) => ({ next: 0, to }),
  async process(state, _, out, stage) {
    if (state.next === state.to) {
      stage.stop();
      return;
    }
    const n = state.next++;
    await new Promise((resolve) => setImmediate(resolve));
    out.emit(n);
    await out.room();
  },
  replay(state, from) {
    state.next = from;
  },
});

/** Cannot begin again. */
export const Once = defineStage(import.meta.url, 'Once', {
  out: u32,
  init: () => ({ next: 0 }),
  process: (state, _, out) => out.emit(state.next++),
  replay(_, from) {
    throw new RangeError(`${from} is gone for good`);
  },
});

/** Emits by two outputs, one of which nobody wants. */
export const Words = defineStage(import.meta.url, 'Words', {
  in: u32,
  out: { numbers: u32, words: text },
  process(_, n, out) {
    out.numbers.emit(n);
    out.words.emit(String(n));
  },
});

/** Processes on its thread, and emits nothing that anybody wants. */
export const Effect = defineStage(import.meta.url, 'Effect', {
  in: u32,
  out: u32,
  init: (_, ledger: string) => ledgers.get(ledger)!,
  process(ledger, n, out, stage) {
    ledger.note(stage.id, n);
    out.emit(n);
  },
});

/** Takes its time for some of its items. */
export const Uneven = defineStage(import.meta.url, 'AcknowledgedUneven', {
  in: u32,
  out: u32,
  async process(_, n, out) {
    for (let waits = n % 5; waits > 0; waits--) await undefined;
    out.emit(n);
  },
});
