// A reporter for vitest that says what vitest leaves out when a process of tests ends by itself: how it ended, and in which tests.
import { subscribe } from 'node:diagnostics_channel';

const EXPECTED_SIGNALS = [null, 'SIGTERM'];

/** The tests of a file that have begun or were to begin, and have no result. */
const unfinishedOf = (module) => [...module.children.allTests('pending')].map(({ fullName }) => fullName);

export default class Unfinished {
  #ends = [];

  onInit() {
    subscribe('child_process', ({ process: child }) => {
      child.once('exit', (code, signal) => {
        if ((code ?? 0) !== 0 || !EXPECTED_SIGNALS.includes(signal))
          this.#ends.push(`process ${child.pid} ended with ${signal ?? `code ${code}`}`);
      });
    });
  }

  onTestRunEnd(modules) {
    const unfinished = modules.flatMap((module) => unfinishedOf(module).map((name) => `${module.moduleId}: ${name}`));
    for (const line of [...this.#ends, ...unfinished.map((test) => `not finished: ${test}`)]) console.log(line);
  }
}
