/**
 * Mistakes that could be made in `native-free-queues`, each as an edit of the shipped source. The checker must find
 * every one: a mistake that it does not find says that what it proves is too little.
 *
 * Not here is what is no mistake: for instance a swap that is a load and a store, which costs a wake too many where
 * several ring the same bell, but loses none.
 */
import type { ConfigurationName } from './configurations.js';
import type { Violation } from './explore.js';
import type { Edit } from './source.js';

export interface Mutant {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Where it is found. */
  readonly on: ConfigurationName;
  readonly expect: Violation;
}

/** Mistakes in one file. */
const inFile =
  (file: string) =>
  (
    name: string,
    on: ConfigurationName,
    expect: Violation,
    find: string,
    replace: string,
    ...more: readonly (readonly [find: string, replace: string])[]
  ): Mutant => ({
    name: `${file.replace('.ts', '')}: ${name}`,
    edits: [[find, replace] as const, ...more].map(([from, to]) => ({ file, find: from, replace: to })),
    on,
    expect,
  });

const memory = inFile('memory.ts');
const doorbell = inFile('doorbell.ts');
const wait = inFile('wait.ts');
const producer = inFile('producer.ts');
const consumer = inFile('consumer.ts');
const records = inFile('records.ts');

const flavours: readonly Mutant[] = [
  memory('a shared load is plain', 'two', 'data race', 'Atomics.load(words, index)', 'words[index] as number'),
  memory('a publish is plain', 'two', 'data race', 'Atomics.store(words, index, value);', 'words[index] = value;'),
  memory(
    'a swap is plain',
    'two',
    'data race',
    'Atomics.exchange(words, index, value);',
    '((found) => { words[index] = value; return found; })(words[index] as number);',
  ),
  doorbell(
    'the ringer looks at the bell by a plain load',
    'two',
    'data race',
    'loadShared(this.#words, this.#index) !== ASLEEP',
    'this.#words[this.#index] !== ASLEEP',
  ),
  doorbell(
    'the ringer silences the bell by a plain store',
    'two',
    'data race',
    'if (exchange(this.#words, this.#index, AWAKE) !== ASLEEP) return false;',
    'this.#words[this.#index] = AWAKE;',
  ),
  doorbell(
    'the owner looks at its bell by a plain load',
    'hangUp',
    'data race',
    'return loadShared(this.#words, this.#index) === ASLEEP',
    'return this.#words[this.#index] === ASLEEP',
  ),
  doorbell(
    'the bell is armed by a plain store',
    'two',
    'data race',
    'publish(this.#words, this.#index, ASLEEP);',
    'this.#words[this.#index] = ASLEEP;',
  ),
  doorbell(
    'the bell is disarmed by a plain store',
    'two',
    'data race',
    'publish(this.#words, this.#index, AWAKE);',
    'this.#words[this.#index] = AWAKE;',
  ),
  producer(
    'a new producer reads the head by a plain load',
    'takeOver',
    'data race',
    'this.#cachedHead = loadShared(words, header + HEAD_WORD);',
    'this.#cachedHead = loadPlain(words, header + HEAD_WORD);',
  ),
  producer(
    'the head is read by a plain load',
    'two',
    'data race',
    'loadShared(this.words, this.#header + HEAD_WORD)',
    'loadPlain(this.words, this.#header + HEAD_WORD)',
  ),
  producer(
    'the tail is published by a plain store',
    'two',
    'data race',
    'publish(words, this.#header + TAIL_WORD,',
    'storePlain(words, this.#header + TAIL_WORD,',
  ),
  producer(
    'a full ring asks by a plain load whether the consumer has closed',
    'hangUp',
    'data race',
    `if (loadShared(this.words, this.#header + CONSUMER_CLOSED_WORD) !== 0) {`,
    `if (loadPlain(this.words, this.#header + CONSUMER_CLOSED_WORD) !== 0) {`,
  ),
  producer(
    'a producer that waits asks by a plain load whether the consumer has closed',
    'hangUp',
    'data race',
    'return loadShared(this.words, this.#header + CONSUMER_CLOSED_WORD)',
    'return loadPlain(this.words, this.#header + CONSUMER_CLOSED_WORD)',
  ),
  producer(
    'a note is read by a plain load',
    'notes',
    'data race',
    'loadShared(this.words, this.#header + NOTE_WORD + index)',
    'loadPlain(this.words, this.#header + NOTE_WORD + index)',
  ),
  producer(
    'the wish is a plain store',
    'two',
    'data race',
    'publish(this.words, this.#header + WANTED_WORD, 1)',
    'storePlain(this.words, this.#header + WANTED_WORD, 1)',
  ),
  producer(
    'closing is a plain store',
    'two',
    'data race',
    'publish(this.words, this.#header + PRODUCER_CLOSED_WORD, 1)',
    'storePlain(this.words, this.#header + PRODUCER_CLOSED_WORD, 1)',
  ),
  consumer(
    'the tail is read by a plain load',
    'two',
    'data race',
    'loadShared(this.words, this.#header + TAIL_WORD)',
    'loadPlain(this.words, this.#header + TAIL_WORD)',
  ),
  consumer(
    'the head is published by a plain store',
    'two',
    'data race',
    'publish(this.words, this.#header + HEAD_WORD, this.#released)',
    'storePlain(this.words, this.#header + HEAD_WORD, this.#released)',
  ),
  consumer(
    'the wish is read by a plain load',
    'two',
    'data race',
    'loadShared(this.words, this.#header + WANTED_WORD)',
    'loadPlain(this.words, this.#header + WANTED_WORD)',
  ),
  consumer(
    'the wish is taken by a plain store',
    'again',
    'data race',
    'if (exchange(this.words, this.#header + WANTED_WORD, 0) !== 0) this.producerBell.ring();',
    'storePlain(this.words, this.#header + WANTED_WORD, 0);\n    this.producerBell.ring();',
  ),
  consumer(
    'a note is a plain store',
    'notes',
    'data race',
    'publish(this.words, this.#header + NOTE_WORD + index, value)',
    'storePlain(this.words, this.#header + NOTE_WORD + index, value)',
  ),
  consumer(
    'the end is looked for by a plain load',
    'two',
    'data race',
    'loadShared(this.words, this.#header + PRODUCER_CLOSED_WORD)',
    'loadPlain(this.words, this.#header + PRODUCER_CLOSED_WORD)',
  ),
  consumer(
    'closing is a plain store',
    'hangUp',
    'data race',
    'publish(this.words, this.#header + CONSUMER_CLOSED_WORD, 1)',
    'storePlain(this.words, this.#header + CONSUMER_CLOSED_WORD, 1)',
  ),
];

const order: readonly Mutant[] = [
  producer(
    'a record is published before its payload is written',
    'two',
    'wrong record',
    'this.#bytes.set(payload, at + PAYLOAD_AT);\n    this.commit(at, bytes, type);',
    'this.commit(at, bytes, type);\n    this.publish();\n    this.#bytes.set(payload, at + PAYLOAD_AT);',
  ),
  producer(
    'a record is visible as soon as it is committed',
    'batches',
    'seen too early',
    'this.commit(at, bytes, type);\n    return true;',
    'this.commit(at, bytes, type);\n    this.publish();\n    return true;',
  ),
  producer(
    'the end of a batch is filled after the tail is published',
    'batches',
    'wrong record',
    '    if (next !== cursor) this.#fill(cursor, next);\n',
    '',
    [
      '    this.#publishedFlags = this.#flags;\n    this.cursor = next;',
      '    if (next !== cursor) this.#fill(cursor, next);\n    this.#publishedFlags = this.#flags;\n    this.cursor = next;',
    ],
  ),
  producer(
    'the bell is rung before the tail is published',
    'answers',
    'lost wake-up',
    'publish(words, this.#header + TAIL_WORD,',
    'const woken = this.consumerBell.ring();\n    publish(words, this.#header + TAIL_WORD,',
    ['return this.consumerBell.ring();', 'return woken;'],
  ),
  producer(
    'the producer says that it has closed before it publishes',
    'atClosing',
    'wrong record',
    '    this.publish();\n    this.#end();\n',
    '    publish(this.words, this.#header + PRODUCER_CLOSED_WORD, 1);\n    this.publish();\n    this.#end();\n',
  ),
  producer(
    'the bell is rung before the producer says that it has closed',
    'two',
    'lost wake-up',
    'publish(this.words, this.#header + PRODUCER_CLOSED_WORD, 1);\n    this.consumerBell.ring();',
    'this.consumerBell.ring();\n    publish(this.words, this.#header + PRODUCER_CLOSED_WORD, 1);',
  ),
  producer(
    'the wish is made after the last look',
    'two',
    'lost wake-up',
    '      this.wantRoom();\n      return this.#mayClaim(bytes);',
    '      const room = this.#mayClaim(bytes);\n      this.wantRoom();\n      return room;',
  ),
  consumer(
    'the head is published before the record is read',
    'two',
    'data race',
    'sink.receive(type, at, at + bytes);',
    'this.release();\n      sink.receive(type, at, at + bytes);',
  ),
  consumer(
    'the wish is looked for before the head is published',
    'two',
    'lost wake-up',
    'publish(this.words, this.#header + HEAD_WORD, this.#released);',
    'const wanted = loadShared(this.words, this.#header + WANTED_WORD);\n    publish(this.words, this.#header + HEAD_WORD, this.#released);',
    ['if (loadShared(this.words, this.#header + WANTED_WORD) === 0) return;', 'if (wanted === 0) return;'],
  ),
  consumer(
    'the producer is rung before the head is published',
    'two',
    'lost wake-up',
    'publish(this.words, this.#header + HEAD_WORD, this.#released);',
    'if (exchange(this.words, this.#header + WANTED_WORD, 0) !== 0) this.producerBell.ring();\n    publish(this.words, this.#header + HEAD_WORD, this.#released);',
    ['    if (exchange(this.words, this.#header + WANTED_WORD, 0) !== 0) this.producerBell.ring();\n  }', '  }'],
  ),
  consumer(
    'the tail is looked at before the closing word',
    'two',
    'wrong record',
    'if (loadShared(this.words, this.#header + PRODUCER_CLOSED_WORD) === 0) return false;\n    this.look();',
    'this.look();\n    if (loadShared(this.words, this.#header + PRODUCER_CLOSED_WORD) === 0) return false;',
  ),
  consumer(
    'the producer is rung before the consumer says that it has closed',
    'hangUp',
    'lost wake-up',
    'publish(this.words, this.#header + CONSUMER_CLOSED_WORD, 1);\n    this.producerBell.ring();',
    'this.producerBell.ring();\n    publish(this.words, this.#header + CONSUMER_CLOSED_WORD, 1);',
  ),
  wait(
    'the bell is armed after the look',
    'two',
    'lost wake-up',
    'bell.arm();\n      if (!look()) {\n        counters.sleeps++;\n        // Whoever',
    'if (!look()) {\n        bell.arm();\n        counters.sleeps++;\n        // Whoever',
  ),
  wait(
    'the bell is armed after the look, on the event loop',
    'eventLoop',
    'lost wake-up',
    'bell.arm();\n      if (!look()) {\n        counters.sleeps++;\n        await',
    'if (!look()) {\n        bell.arm();\n        counters.sleeps++;\n        await',
  ),
];

const room: readonly Mutant[] = [
  producer(
    'the head is never looked at again',
    'two',
    'lost wake-up',
    '    this.#cachedHead = loadShared(this.words, this.#header + HEAD_WORD);\n',
    '',
  ),
  producer(
    'a ring takes one record too many',
    'two',
    'data race',
    'return this.capacityBytes - ((this.position - this.#cachedHead) | 0);',
    'return this.capacityBytes + 16 - ((this.position - this.#cachedHead) | 0);',
  ),
  producer(
    'a ring takes half a record too many',
    'lengths',
    'data race',
    'return this.capacityBytes - ((this.position - this.#cachedHead) | 0);',
    'return this.capacityBytes + 8 - ((this.position - this.#cachedHead) | 0);',
  ),
  producer(
    'a full ring is not seen',
    'two',
    'data race',
    'if (needed > this.freeBytes && needed > this.refreshFreeBytes()) {',
    'if (needed < 0) {',
  ),
  producer(
    'a record needs no room for what is left before the end',
    'lengths',
    'data race',
    'return bytes > toEnd ? toEnd + bytes : bytes;',
    'return bytes;',
  ),
  producer(
    'room is counted up to the end of the ring',
    'lengths',
    'data race',
    'this.#roomEnd = Math.min(this.#dataEnd, this.cursor + this.freeBytes);\n    this.limit = Math.min(this.#roomEnd, this.batchAt',
    'this.#roomEnd = this.#dataEnd;\n    this.limit = Math.min(this.#roomEnd, this.batchAt',
  ),
  producer(
    'a record that begins within the limit may end behind it',
    'unpublished',
    'failure',
    'return at + bytes <= this.limit ?',
    'return at <= this.limit ?',
  ),
  producer(
    'the line behind the batch is taken although it is not free',
    'two',
    'data race',
    'if (next + LINE_BYTES <= roomEnd) storePlain',
    'if (next + LINE_BYTES <= this.#dataEnd) storePlain',
  ),
  producer(
    'what is left of a line is taken although it is not free',
    'batchesOneByOne',
    'data race',
    'cursor !== this.batchAt && cursor + gap <= roomEnd ?',
    'cursor !== this.batchAt ?',
  ),
  producer(
    'a full ring keeps what is committed to itself',
    'unpublished',
    'lost wake-up',
    '    // What is committed must be visible, or a consumer that sleeps would never make room.\n      this.publish();\n      // Pairs',
    '      // Pairs',
    [
      '    // What is committed must be visible, or a consumer that sleeps would never make room.\n    this.publish();\n    return',
      '    return',
    ],
  ),
  consumer(
    'the room of records is given back that are not drained',
    'oneByOne',
    'data race',
    'this.#released = this.#position;\n    const',
    'this.#released = this.#tail;\n    const',
  ),
  consumer(
    'records are drained behind the tail',
    'batches',
    'wrong record',
    'while (count < limit && this.#position !== this.#tail) {',
    'while (count < limit) {',
  ),
  consumer(
    'the flags are taken for a part of the tail',
    'flags',
    'data race',
    'this.#tail = word & ~FLAGS_MASK;',
    'this.#tail = word;',
  ),
  consumer(
    'the released number is written for paddings alone',
    'takeOverBatch',
    'data race',
    'if (loadPlain(this.words, numberAt) !== this.number) storePlain(',
    'storePlain(',
  ),
  records(
    'the released number is read although there are records',
    'takeOver',
    'data race',
    'let number: number | undefined;',
    'let number: number | undefined = loadPlain(words, releasedNumberAt);',
  ),
  records(
    'the records are not asked for their numbers',
    'takeOver',
    'wrong record',
    'if (headerType(header) !== PADDING_TYPE) number =',
    'if (headerType(header) === PADDING_TYPE) number =',
  ),
];

const wrap: readonly Mutant[] = [
  producer(
    'the padding at the end is not written',
    'lengths',
    'wrong record',
    'if (toEnd > 0) storePlain(this.words, this.cursor >> 2, packHeader(toEnd, PADDING_TYPE));',
    '',
  ),
  producer(
    'the padding at the end is too short',
    'lengths',
    'wrong record',
    'packHeader(toEnd, PADDING_TYPE)',
    'packHeader(toEnd - 8, PADDING_TYPE)',
  ),
  producer(
    'the padding at the end is too long',
    'lengths',
    'wrong record',
    'packHeader(toEnd, PADDING_TYPE)',
    'packHeader(toEnd + 8, PADDING_TYPE)',
  ),
  producer(
    'a batch that is not published is forgotten at the end',
    'unpublished',
    'wrong record',
    'if (pending) this.publish();',
    '',
  ),
  producer('laps are not counted', 'two', 'data race', 'this.#lap = (this.#lap + this.capacityBytes) | 0;', ''),
  producer(
    'what is left of a line always belongs to the first record',
    'batches',
    'wrong record',
    'if (headerBytes(header) === cursor - this.batchAt) {',
    'if (headerBytes(header) > 0) {',
  ),
  producer(
    'what is left of a line is not covered',
    'batches',
    'wrong record',
    '} else storePlain(this.words, cursor >> 2, packHeader(next - cursor, PADDING_TYPE));',
    '}',
  ),
  producer(
    'positions do not wrap where the free bytes are counted',
    'halfTurn',
    'data race',
    'return this.capacityBytes - ((this.position - this.#cachedHead) | 0);',
    'return this.capacityBytes - (this.position - this.#cachedHead);',
  ),
  producer(
    'a new producer begins where the tail is and not where that lies in the ring',
    'halfTurn',
    'data race',
    'this.cursor = this.#dataAt + (tail & (capacityBytes - 1));',
    'this.cursor = this.#dataAt + tail;',
  ),
  consumer(
    'places in the ring are positions',
    'two',
    'failure',
    'const at = dataAt + (position & mask);',
    'const at = dataAt + position;',
  ),
  consumer(
    'the mask has a bit too many',
    'two',
    'failure',
    'this.#mask = capacityBytes - 1;',
    'this.#mask = 2 * capacityBytes - 1;',
  ),
  consumer(
    'positions do not wrap behind a record',
    'halfTurn',
    'wrong record',
    'const next = (position + bytes) | 0;',
    'const next = position + bytes;',
  ),
  consumer(
    'numbers do not wrap',
    'halfTurn',
    'wrong record',
    'this.number = (number + 1) | 0;',
    'this.number = number + 1;',
  ),
];

const wakes: readonly Mutant[] = [
  memory(
    'a sleep expects whatever is there',
    'two',
    'lost wake-up',
    'Atomics.wait(words, index, value, timeoutMs)',
    'Atomics.wait(words, index, Atomics.load(words, index), timeoutMs)',
  ),
  memory(
    'a sleep on the event loop expects whatever is there',
    'eventLoop',
    'lost wake-up',
    'Atomics.waitAsync(words, index, value)',
    'Atomics.waitAsync(words, index, Atomics.load(words, index))',
  ),
  memory('nobody is woken', 'two', 'lost wake-up', 'Atomics.notify(words, index)', '0'),
  memory(
    'who sleeps elsewhere is woken',
    'two',
    'lost wake-up',
    'Atomics.notify(words, index)',
    'Atomics.notify(words, index + 2)',
  ),
  doorbell(
    'a ring does not silence the bell',
    'two',
    'lost wake-up',
    'if (exchange(this.#words, this.#index, AWAKE) !== ASLEEP) return false;',
    '',
  ),
  doorbell('a ring wakes nobody', 'two', 'lost wake-up', 'wake(this.#words, this.#index);', ''),
  doorbell('the owner never says that it sleeps', 'two', 'busy loop', 'publish(this.#words, this.#index, ASLEEP);', ''),
  doorbell(
    'the owner does not say that it is awake again',
    'two',
    'bad end',
    'publish(this.#words, this.#index, AWAKE);',
    '',
  ),
  doorbell(
    'a sleep expects a bell that was rung',
    'two',
    'lost wake-up',
    'waitOn(this.#words, this.#index, ASLEEP, timeoutMs)',
    'waitOn(this.#words, this.#index, AWAKE, timeoutMs)',
  ),
  doorbell(
    'a sleep on the event loop expects a bell that was rung',
    'eventLoop',
    'lost wake-up',
    'waitOnAsync(this.#words, this.#index, ASLEEP)',
    'waitOnAsync(this.#words, this.#index, AWAKE)',
  ),
  doorbell(
    'a promise that is resolved is waited for again',
    'eventLoop',
    'busy loop',
    '        this.#listening = undefined;\n',
    '',
  ),
  wait(
    'no look follows the arming',
    'two',
    'lost wake-up',
    'if (!look()) {\n        counters.sleeps++;\n        // Whoever',
    '{\n        counters.sleeps++;\n        // Whoever',
  ),
  wait(
    'no look follows the arming, on the event loop',
    'eventLoop',
    'lost wake-up',
    'if (!look()) {\n        counters.sleeps++;\n        await',
    '{\n        counters.sleeps++;\n        await',
  ),
  wait(
    'the bell is not disarmed',
    'two',
    'bad end',
    '      bell.disarm();\n    },\n  };\n};\n\n/** Looks between',
    '    },\n  };\n};\n\n/** Looks between',
  ),
  wait(
    'the bell is not disarmed, on the event loop',
    'eventLoop',
    'bad end',
    'await bell.listen();\n      }\n      bell.disarm();',
    'await bell.listen();\n      }',
  ),
  wait(
    'a wait does not sleep',
    'two',
    'busy loop',
    '        if (!bell.block(beltMs) && look() && !bell.block(beltMs)) counters.missedWakes++;\n',
    '',
  ),
  wait('a wait on the event loop does not sleep', 'eventLoop', 'busy loop', 'await bell.listen();', ''),
  producer('nobody is rung for news', 'two', 'lost wake-up', 'return this.consumerBell.ring();', 'return false;'),
  producer('no wish is made', 'two', 'lost wake-up', '      this.wantRoom();\n', ''),
  producer(
    'no look follows the wish',
    'two',
    'lost wake-up',
    'this.wantRoom();\n      return this.#mayClaim(bytes);',
    'this.wantRoom();\n      return false;',
  ),
  producer(
    'a producer that waits does not ask whether the consumer has closed',
    'hangUp',
    'lost wake-up',
    'return loadShared(this.words, this.#header + CONSUMER_CLOSED_WORD) !== 0;',
    'return false;',
  ),
  producer(
    'a full ring does not ask whether the consumer has closed',
    'hangUp',
    'busy loop',
    'if (loadShared(this.words, this.#header + CONSUMER_CLOSED_WORD) !== 0) {',
    'if (this.capacityBytes < 0) {',
  ),
  producer('closing rings nobody', 'two', 'lost wake-up', '    this.consumerBell.ring();\n  }\n}', '  }\n}'),
  producer(
    'closing says nothing',
    'two',
    'lost wake-up',
    '    publish(this.words, this.#header + PRODUCER_CLOSED_WORD, 1);\n',
    '',
  ),
  consumer(
    'nobody is rung for room',
    'two',
    'lost wake-up',
    'if (exchange(this.words, this.#header + WANTED_WORD, 0) !== 0) this.producerBell.ring();',
    'exchange(this.words, this.#header + WANTED_WORD, 0);',
  ),
  consumer(
    'a wish is not seen',
    'two',
    'lost wake-up',
    'if (loadShared(this.words, this.#header + WANTED_WORD) === 0) return;',
    'return;',
  ),
  consumer(
    'the tail is not looked at before the sleep',
    'two',
    'lost wake-up',
    'return this.#tail !== this.#position || this.look();',
    'return this.#tail !== this.#position;',
  ),
  consumer(
    'the closing word is not looked at before the sleep',
    'two',
    'lost wake-up',
    'strategy.wait(this.bell, () => this.hasNews() || this.ended)',
    'strategy.wait(this.bell, () => this.hasNews())',
  ),
  consumer(
    'the end is taken for reached when the producer closes',
    'two',
    'wrong record',
    '    this.look();\n    return this.#tail === this.#position;\n',
    '    return true;\n',
  ),
  consumer(
    'the tail is not looked at once more at the end',
    'two',
    'wrong record',
    'return false;\n    this.look();\n',
    'return false;\n',
  ),
  consumer(
    'closing rings nobody',
    'hangUp',
    'lost wake-up',
    '    publish(this.words, this.#header + CONSUMER_CLOSED_WORD, 1);\n    this.producerBell.ring();\n',
    '    publish(this.words, this.#header + CONSUMER_CLOSED_WORD, 1);\n',
  ),
  consumer(
    'closing says nothing',
    'hangUp',
    'lost wake-up',
    '    publish(this.words, this.#header + CONSUMER_CLOSED_WORD, 1);\n',
    '',
  ),
];

export const mutants: readonly Mutant[] = [...flavours, ...order, ...room, ...wrap, ...wakes];
