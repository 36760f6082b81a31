/**
 * Whether an inspector is active in this process: a thread that a debugger has stopped is not stuck.
 *
 * Only the main thread knows. `inspector.url()` is undefined on workers, and flags say nothing of an inspector that was
 * switched on later (SIGUSR1, `inspector.open`) or by `NODE_OPTIONS`. So the main thread is asked, through an inspector
 * session, which V8 answers in a millisecond or two from the middle of whatever JavaScript runs there, also from a loop or an
 * `Atomics.wait` (measured on Node 20 and 24). While it is in native code the answer waits.
 *
 * A thread must not end while it asks, nor just after: its session ends with it, the main thread then tells it so, and if it is
 * gone by half Node aborts the process (`MainThreadInterface::Post`; on Node 20 six of about a thousand threads that ended by themselves
 * right after a question). So the control thread, which the main thread ends, does not answer its `finish` before it has its answer:
 * the interrupt in which the main thread forgets the session comes before the JavaScript that ends the thread.
 *
 * Under Node's permission model inspectors are forbidden, and so is the question, unless `--allow-inspector` allows both.
 */
const QUESTION = "process.getBuiltinModule('node:inspector').url() !== undefined";

export const isInspected = async (): Promise<boolean> => {
  // Node can be built without.
  if (!process.features.inspector) return false;
  const { Session } = await import('node:inspector');
  const session = new Session();
  try {
    session.connectToMainThread();
    return await new Promise<boolean>((resolve, reject) => {
      session.post('Runtime.evaluate', { expression: QUESTION, returnByValue: true }, (error, answer) => {
        if (error === null) resolve(answer.result.value !== false);
        else reject(error);
      });
    });
  } catch (error) {
    // What cannot be known must not end a thread.
    return (error as NodeJS.ErrnoException).code !== 'ERR_ACCESS_DENIED';
  } finally {
    session.disconnect();
  }
};
