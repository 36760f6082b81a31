/** A supervised actor whose module takes for as long to import as there is a file of the name that the environment says. */
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { call, child, defineActor, defineSupervisor, i32 } from 'heddle';

const guard = process.env['HEDDLE_TEST_GUARD'];
if (guard !== undefined && existsSync(guard)) {
  writeFileSync(`${guard}-met`, '');
  while (existsSync(guard)) await delay(1);
}

export const Late = defineActor(import.meta.url, 'Late', {
  protocol: { thread: call({}, i32) },
  init: () => ({}),
  on: { thread: (_state, _message, self) => self.thread },
});

export const LateBranch = defineSupervisor(import.meta.url, 'LateBranch', {
  children: () => [child('late', Late, undefined, { place: 1, name: 'late' })],
});
export const LateTree = defineSupervisor(import.meta.url, 'LateTree', {
  children: () => [child('branch', LateBranch, undefined, { place: 2 })],
});
