/** An actor that can end its thread. */
import { call, defineActor, i32 } from 'heddle';

export const Mortal = defineActor(import.meta.url, 'Mortal', {
  protocol: { exit: { code: i32 }, throwOutside: {}, never: call({}, i32), thread: call({}, i32) },
  init: () => ({}),
  on: {
    exit(_state, { code }) {
      process.exit(code);
    },
    throwOutside() {
      setImmediate(() => {
        throw new Error('outside of any handler');
      });
    },
    never: () => new Promise<number>(() => undefined),
    thread: (_state, _message, self) => self.thread,
  },
});
