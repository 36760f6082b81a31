/** Actors that are watched, which tell their watchers something until the last, and end in every way. */
import { call, defineActor, i32, list, oneOf, type Ref, ref, type Self } from 'heddle';
import { Watcher } from './watcher.js';

export const FATES = ['stop', 'kill', 'drain', 'fail', 'stop itself', 'kill itself', 'exit'] as const;

const protocol = {
  born: call({ to: list(ref(Watcher)) }),
  /** Tells all watchers one thing more. */
  speak: {},
  /** The same, and then it ends, in one of those ways that are its own. */
  end: { fate: oneOf(...FATES) },
};

interface State {
  readonly id: number;
  readonly self: Self<typeof protocol>;
  spoken: number;
  to: readonly Ref<{ readonly heard: typeof heard }>[];
}

const heard = { id: i32, number: i32 };

const speak = (state: State): void => {
  state.spoken++;
  for (const watcher of state.to) watcher.heard({ id: state.id, number: state.spoken });
};

export const Subject = defineActor(import.meta.url, 'Subject', {
  protocol,
  init: (self: Self<typeof protocol>, id: number): State => ({ id, self, spoken: 0, to: [] }),
  on: {
    born(state, { to }) {
      state.to = to;
    },
    speak,
    end(state, { fate }, self) {
      speak(state);
      if (fate === 'fail') throw new Error('a subject that fails');
      if (fate === 'exit') process.exit(7);
      void (fate === 'kill itself' ? self.kill(self.ref) : self.stop(self.ref));
      speak(state);
    },
  },
  stopped: speak,
});
