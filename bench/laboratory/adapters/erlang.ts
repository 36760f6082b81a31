/**
 * Erlang, where actors come from, by a program of its own. Its schedulers decide how they wait; how long they look before
 * they sleep can be set.
 */
import { fileURLToPath } from 'node:url';
import type { Adapter, Wait } from '../adapter.js';
import { Compiled, openProgram, payloadArguments, probeTool, run } from './outside/program.js';

const RUNTIME = 'erl';
const COMPILER = 'erlc';
const MODULE = 'contestant';
const SOURCE = fileURLToPath(new URL(`./outside/${MODULE}.erl`, import.meta.url));
/** Fails where the compiler is a package of its own, and not installed. */
const SAY_VERSION =
  '{module, _} = code:ensure_loaded(compile), io:put_chars("OTP " ++ erlang:system_info(otp_release)), halt().';

const SCHEDULERS = ['+S', '2:2'];

/** The longest busy waiting that there is, what is the default, and none. */
const BUSY_WAITS: Readonly<Record<Exclude<Wait, 'blocked'>, string>> = {
  hot: 'very_long',
  adaptive: 'medium',
  parked: 'none',
};

/** A dump of its whole memory says nothing more than its last words. */
const ENVIRONMENT = { ERL_CRASH_DUMP_BYTES: '0' };

const compiled = new Compiled(`${MODULE}.beam`, (folder) => run(COMPILER, ['-o', folder, SOURCE]));

export const erlang: Adapter = {
  name: 'Erlang',
  probe: () => probeTool(RUNTIME, '-noshell', '-eval', SAY_VERSION),
  async open({ wait, placement, payload }) {
    if (wait === 'blocked' || placement === 'host-worker') return undefined;
    const place = placement === 'same-thread' ? 'together' : 'apart';
    const folder = await compiled.unpack();
    const program = ['-noshell', '-pa', folder, '-run', MODULE, 'main', place, ...payloadArguments(payload)];
    return openProgram(folder, RUNTIME, [...SCHEDULERS, '+sbwt', BUSY_WAITS[wait], ...program], ENVIRONMENT);
  },
};
