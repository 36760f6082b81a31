/** Listens to all that is told on its thread's channels, from the moment on that the thread imports this, and tells it. */
import { subscribe } from 'node:diagnostics_channel';
import { any, call, type DiagnosticMessages, defineActor, text } from 'heddle';

const CHANNELS = [
  'heddle:system-start',
  'heddle:system-stop',
  'heddle:thread-ready',
  'heddle:thread-lost',
  'heddle:dead-letter',
  'heddle:problem',
  'heddle:call-timeout',
] as const satisfies readonly (keyof DiagnosticMessages)[];

/** A message as it can travel. */
type Heard = Record<string, unknown>;

const heard: [channel: string, message: Heard][] = [];
const waiting = new Set<() => void>();

for (const name of CHANNELS) {
  subscribe(name, (message) => {
    const entries = Object.entries(message as object).filter(([, value]) => value !== undefined);
    const shown = entries.map(([key, value]) => [key, value instanceof Error ? value.message : value] as const);
    heard.push([name, Object.fromEntries(shown)]);
    for (const look of waiting) look();
  });
}

const heardOn = (channel: string): Heard[] => heard.filter(([name]) => name === channel).map(([, message]) => message);

export const Listener = defineActor(import.meta.url, 'Listener', {
  protocol: {
    /** All messages of a channel, once there are any. */
    heard: call({ channel: text }, any<Heard[]>()),
    /** The channels that something was heard on. */
    channels: call({}, any<string[]>()),
  },
  init: () => ({}),
  on: {
    heard: (_state, { channel }) =>
      new Promise<Heard[]>((resolve) => {
        const look = (): void => {
          const messages = heardOn(channel);
          if (messages.length === 0) return;
          waiting.delete(look);
          resolve(messages);
        };
        waiting.add(look);
        look();
      }),
    channels: () => [...new Set(heard.map(([name]) => name))],
  },
  concurrency: 10,
});
