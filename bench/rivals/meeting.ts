/** Words on which two threads made by hand meet, before and after a measurement; two cache lines apart. */
const READY = 0;
const DONE = 32;
const BYTES = 256;

export const makeMeeting = (): SharedArrayBuffer => new SharedArrayBuffer(BYTES);

/** Waits until the other thread is there too, so that no start of a thread is measured. */
export const meet = (words: Int32Array): void => {
  Atomics.add(words, READY, 1);
  while (Atomics.load(words, READY) < 2);
};

/** Says that everything has arrived. */
export const finish = (words: Int32Array): void => {
  Atomics.store(words, DONE, 1);
};

export const untilFinished = (words: Int32Array): void => {
  while (Atomics.load(words, DONE) === 0);
};
