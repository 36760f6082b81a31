/** Imports, on workers, a module that is no JavaScript. */
import { defineActor, isHost } from 'heddle';

export const Syntax = defineActor(import.meta.url, 'Syntax', {
  protocol: { note: {} },
  init: () => ({}),
  on: { note: () => undefined },
});

const broken: string = 'data:text/javascript,this is no JavaScript';
if (!isHost) await import(broken);
