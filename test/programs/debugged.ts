/** Does what is told of under `NODE_DEBUG=heddle`: a start, an import, one that fails, a late call, a death, a stop. */
import { createSystem } from 'heddle';
import { Throws } from '../actors/bad-throws.js';
import { Echo } from '../actors/echo.js';
import { Mortal } from '../actors/mortal.js';

const system = await createSystem({ threads: 1 });
const echo = await system.spawn(Echo);
for (let value = 0; value < 100; value++) await echo.echo({ value });
await echo.never({}, { timeoutMs: 1 }).catch(() => undefined);
await system.spawn(Throws).catch(() => undefined);
const mortal = await system.spawn(Mortal);
mortal.die({ way: 'process.exit in a handler' });
await system.stopped(mortal);
await system.spawn(Echo);
await system.shutdown();
