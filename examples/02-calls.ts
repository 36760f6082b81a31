/** Calls: deadlines, cancellation, answers that are given later, and one question to many actors. */
import { call, createSystem, defineActor, isHost, type Reply, text, u32 } from 'heddle';

/** Hands out numbers; who asks before there is one waits for it. */
export const Counter = defineActor(import.meta.url, 'Counter', {
  protocol: {
    next: call({}, u32),
    release: {},
    name: call({}, text),
  },
  init: (_self, name: string) => ({ name, last: 0, waiting: [] as Reply<number>[] }),
  on: {
    next(state, _, self) {
      const reply = self.reply<number>();
      state.waiting.push(reply);
      return reply;
    },
    release(state) {
      for (const reply of state.waiting.splice(0)) reply.send(++state.last);
    },
    name: ({ name }) => name,
  },
});

const codeOf = (error: unknown): unknown => (error as { code?: string }).code;

if (isHost) {
  await using system = await createSystem({ threads: 2 });
  const [red, blue] = await Promise.all([system.spawn(Counter, 'red'), system.spawn(Counter, 'blue')]);

  // A deadline: nobody releases, so nothing comes.
  await red.next({}, { timeoutMs: 20 }).catch((error) => console.log('deadline:', codeOf(error)));

  // A signal: the caller changes its mind, and the call is rejected with the reason.
  const controller = new AbortController();
  const cancelled = red.next({}, { signal: controller.signal });
  controller.abort(new Error('never mind'));
  await cancelled.catch((error: Error) => console.log('abort:', error.message));

  // An answer that comes later: the handler has returned long before.
  const later = blue.next();
  blue.release();
  console.log('deferred:', await later);

  // The same question to many, the outcomes in the order of the refs.
  await system.stop(red);
  for (const outcome of await system.callAll([red, blue], 'name', {})) {
    console.log('all:', outcome.status === 'fulfilled' ? outcome.value : codeOf(outcome.reason));
  }
}
