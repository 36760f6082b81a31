/** Stages for the tests of channels: readers that stall until the test lets them go, and writers of much. */
import { bytes, defineStage, f64, record, u32 } from 'heddle';

export interface Gated {
  /** The name of the gate. */
  readonly gate: string;
}

/** Resolves when the test opens the gate. */
const untilOpen = (gate: string): Promise<void> =>
  new Promise((resolve) => {
    const channel = new BroadcastChannel(gate);
    channel.onmessage = () => {
      channel.close();
      resolve();
    };
  });

/** Says what it got, and by which number; does not end with any item before the gate is open. */
export const Gate = defineStage(import.meta.url, 'Gate', {
  in: u32,
  out: record({ n: u32, id: f64 }),
  init: (_, { gate }: Gated) => ({ isOpen: untilOpen(gate) }),
  async process({ isOpen }, n, out, stage) {
    await isOpen;
    out.emit({ n, id: stage.id });
  },
});

/** Emits items of so many bytes, all of them its number. */
export const Blobs = defineStage(import.meta.url, 'Blobs', {
  out: bytes,
  init: (_, { count, size }: { count: number; size: number }) => ({ next: 0, count, size }),
  process(state, _, out, stage) {
    if (state.next === state.count) stage.stop();
    else out.emit(new Uint8Array(state.size).fill(state.next++));
  },
});

/** Says how large they are, if they are what was emitted. */
export const Sizes = defineStage(import.meta.url, 'Sizes', {
  in: bytes,
  out: record({ size: f64, value: u32 }),
  init: (_, { gate }: Gated) => ({ isOpen: untilOpen(gate) }),
  async process({ isOpen }, blob, out) {
    await isOpen;
    const [first] = blob;
    const isWhole = first === blob.at(-1) && first === blob[blob.length >> 1];
    if (isWhole) out.emit({ size: blob.length, value: first! });
  },
});

/** How large items are. */
export const SizesOnly = defineStage(import.meta.url, 'SizesOnly', {
  in: bytes,
  out: f64,
  process: (_, blob, out) => out.emit(blob.length),
});

/** Emits many items for one, and waits for room as it goes. */
export const WaitingBurst = defineStage(import.meta.url, 'WaitingBurst', {
  in: u32,
  out: u32,
  async process(_, count, out) {
    for (let n = 0; n < count; n++) if (!out.emit(n)) await out.room();
  },
});

/** Emits many items for one. */
export const Burst = defineStage(import.meta.url, 'Burst', {
  in: u32,
  out: u32,
  process(_, count, out) {
    for (let n = 0; n < count; n++) out.emit(n);
  },
});

/** The same, and throws if they are more than one. */
export const FailingBurst = defineStage(import.meta.url, 'FailingBurst', {
  in: u32,
  out: u32,
  process(_, count, out) {
    for (let n = 0; n < count; n++) out.emit(n);
    if (count > 1) throw new RangeError(`${count} are too many`);
  },
});

export const Even = defineStage(import.meta.url, 'Even', {
  in: u32,
  out: u32,
  process: (_, n, out) => out.emit(n),
});
