// Gets one copy of heddle on the host and another one on workers, as hooks of a loader can have it.
const { isHost } = await import('heddle');
const { call, defineActor, f64 } = await import(isHost ? 'heddle' : './other/node_modules/heddle/dist/index.js');

export const TwoFaced = defineActor(import.meta.url, 'TwoFaced', {
  protocol: { one: call({}, f64) },
  init: () => ({}),
  on: { one: () => 1 },
});
