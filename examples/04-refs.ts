/** Refs travel in messages: publish and subscribe, a chain of actors of one kind, and two that hold each other's refs. */
import {
  type AnyDefinition,
  call,
  createSystem,
  defineActor,
  isHost,
  list,
  protocol,
  type Ref,
  ref,
  selfRef,
  text,
  u32,
} from 'heddle';

/**
 * Two protocols that mention each other: a constant, an interface and a function break the circle of types, as long as
 * one of the two mentions the other only in casts.
 */
const TopicProtocol = protocol({
  subscribe: call({ who: ref<ReaderRef>((): AnyDefinition => Reader) }),
  publish: call({ news: text }),
});
interface TopicRef extends Ref<typeof TopicProtocol> {}

const ReaderProtocol = protocol({
  join: { topic: ref<TopicRef>((): AnyDefinition => Topic) },
  news: call(text),
  seen: call({}, list(text)),
});
interface ReaderRef extends Ref<typeof ReaderProtocol> {}

export const Topic = defineActor(import.meta.url, 'Topic', {
  protocol: TopicProtocol,
  init: () => ({ readers: [] as ReaderRef[] }),
  on: {
    subscribe(state, { who }) {
      state.readers.push(who);
    },
    async publish({ readers }, { news }) {
      await Promise.all(readers.map((reader) => reader.news(news)));
    },
  },
});

export const Reader = defineActor(import.meta.url, 'Reader', {
  protocol: ReaderProtocol,
  init: () => ({ seen: [] as string[] }),
  on: {
    join: (_, { topic }, self) => topic.subscribe({ who: self.ref }),
    news(state, news) {
      state.seen.push(news);
    },
    seen: ({ seen }) => seen,
  },
});

/** `selfRef` stands for the actor that declares it: each link of the chain knows the next. */
export const Link = defineActor(import.meta.url, 'Link', {
  protocol: { append: call({ next: selfRef }), length: call({}, u32) },
  init: () => ({ next: undefined as { length(): Promise<number> } | undefined }),
  on: {
    append(state, { next }) {
      state.next = next;
    },
    length: async ({ next }) => 1 + (next === undefined ? 0 : await next.length()),
  },
});

if (isHost) {
  await using system = await createSystem({ threads: 2 });
  const topic = await system.spawn(Topic);
  const readers = await Promise.all([system.spawn(Reader), system.spawn(Reader)]);
  for (const reader of readers) reader.join({ topic });
  // Answered after `join`, whose handler waits until the topic has heard.
  for (const reader of readers) await reader.seen();
  await topic.publish({ news: 'heddles move threads' });
  console.log(await Promise.all(readers.map((reader) => reader.seen())));

  const [first, second, third] = await Promise.all([system.spawn(Link), system.spawn(Link), system.spawn(Link)]);
  await first.append({ next: second });
  await second.append({ next: third });
  console.log('length of the chain:', await first.length());
}
