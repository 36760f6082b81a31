/** start: importing, and starting four threads until all of them answer; each in a fresh process. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Contestant, Workload } from '../harness/workload.js';

const IMPORT = 'start-import';
const SYSTEM = 'start-system';
const PROGRAM = fileURLToPath(new URL('../rivals/start.js', import.meta.url));

const run = promisify(execFile);

const inFreshProcess = (figure: string, system: string, action: string): Contestant => ({
  system,
  open: async () => ({
    sample: async () => {
      const { stdout } = await run(process.execPath, [PROGRAM, `${action} ${system}`]);
      return [{ figure, value: Number(stdout) }];
    },
    close: () => Promise.resolve(),
  }),
});

const starting = (title: string, figure: string, action: string): Workload => ({
  title,
  figures: { [figure]: 'ms' },
  contestants: () => [inFreshProcess(figure, 'heddle', action), inFreshProcess(figure, 'piscina', action)],
});

export const startImport = starting('importing, in a fresh process', IMPORT, 'import');

export const startSystem = starting('starting four threads, in a fresh process', SYSTEM, 'start');
