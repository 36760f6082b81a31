import { any, call, defineActor, InvalidMessage, i32, isHost } from 'heddle';

/** Whether what the runtime of this thread throws is of the class that this module has imported. */
const isOurs = (self) => {
  try {
    self.ref.count({ n: 'not a number' });
    return false;
  } catch (error) {
    return error instanceof InvalidMessage;
  }
};

export const Witness = defineActor(import.meta.url, 'Witness', {
  protocol: { count: { n: i32 }, testify: call({}, any()) },
  init: () => ({}),
  on: {
    count() {},
    testify: (_state, _message, self) => ({ thread: self.thread, isHost, isOurs: isOurs(self) }),
  },
});
