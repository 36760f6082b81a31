import { call, defineActor, f64, text } from 'heddle';

/** Asks a slow backend for prices. */
export const Quotes = defineActor(import.meta.url, 'Quotes', {
  protocol: { quote: call({ item: text }, f64) },
  init: (_self, backend: string) => ({ backend }),
  on: {
    async quote({ backend }, { item }, self) {
      const response = await fetch(`${backend}/${item}`, { signal: self.signal });
      return Number(await response.text());
    },
  },
  concurrency: 32,
  mailbox: { limit: 16 },
});
