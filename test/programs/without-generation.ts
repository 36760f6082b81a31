/** A small system, for a process that may not make code from text. Prints as JSON what it saw. */
import { createSystem, type InvalidMessage } from 'heddle';
import { canGenerate, Generating } from '../actors/generating.js';
import { Keeper } from '../actors/keeper.js';
import { Ping } from '../actors/ping.js';
import { Pong } from '../actors/pong.js';

const errorOf = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'no error',
    (error: InvalidMessage) => error.message,
  );

const system = await createSystem({ threads: 1 });
const seen: Record<string, unknown> = {
  generation: [canGenerate(), await (await system.spawn(Generating)).may()],
};
for (const place of ['host', 1] as const) {
  const keeper = await system.spawn(Keeper, undefined, { place });
  keeper.flat({ n: -0, t: 'é'.repeat(40) });
  keeper.nested({ n: 1, lines: [{ price: 0.5 }, { price: 2 }], v: { list: [1, 'two', null], deep: { big: 12345.5 } } });
  keeper.maybe({ n: 2 });
  keeper.maybe({ n: 3, note: { t: 'x'.repeat(10), raw: Uint8Array.of(1, 2, 3) } });
  const messages = (await keeper.kept()).map((message) =>
    JSON.stringify(message, (_key, value: unknown) => (value instanceof Uint8Array ? [...value] : value)),
  );
  const ping = await system.spawn(Ping, undefined, { place });
  const pong = await system.spawn(Pong, undefined, { place: 1 });
  seen[place] = {
    messages,
    answer: await keeper.ask({ n: 1, v: ['a', 1] }),
    refused: await errorOf(keeper.ask({ n: 0.5 as number, v: 1 })),
    rounds: await ping.play({ with: pong, rounds: 3 }),
  };
}
const { quiet, unaccounted } = await system.shutdown();
console.log(JSON.stringify({ ...seen, quiet, unaccounted }));
