/** Mistakes in the lossy ring. */
import type { LossyConfigurationName } from '../lossy.js';
import { inFile, type Mutant } from './mutant.js';

const memory = inFile<LossyConfigurationName>('memory.ts');
const place = inFile<LossyConfigurationName>('lossy-place.ts');
const layout = inFile<LossyConfigurationName>('lossy-layout.ts');
const producer = inFile<LossyConfigurationName>('lossy-producer.ts');
const consumer = inFile<LossyConfigurationName>('lossy-consumer.ts');
const search = inFile<LossyConfigurationName>('lossy-search.ts');
const settle = inFile<LossyConfigurationName>('lossy-settle.ts');

const EXCHANGE = 'const before = exchange(words, cell, this.#lap | this.#slot);';
const SWAP = 'if (compareExchange(this.words, this.#cells + position, cell, emptied) !== cell) return false;';
const STAMP = `    storePlain(words, at + LAP_ID_WORD, this.#lapIdLow);
    storePlain(words, at + LAP_ID_WORD + 1, this.#lapIdHigh);
    storePlain(words, at + LENGTH_WORD, bytes);
    storePlain(words, at + TAG_WORD, tag);
`;
const RING = 'if ((before & ASKED) !== 0) this.consumerBell.ring();';

/** Accesses that are weaker than they must be. */
const flavours: readonly Mutant<LossyConfigurationName>[] = [
  memory(
    'a compare-exchange is plain',
    'two',
    'data race',
    'Atomics.compareExchange(words, index, expected, value);',
    '((found) => { if (found === expected) words[index] = value; return found; })(words[index] as number);',
  ),
  memory(
    'a compare-exchange stores whatever it finds',
    'two',
    'wrong record',
    'Atomics.compareExchange(words, index, expected, value);',
    'Atomics.exchange(words, index, value);',
  ),
  place(
    'who takes an end looks and stores plainly',
    'producers',
    'data race',
    'if (exchange(words, (atBytes >> 2) + word, 1) === 0) return;',
    'const there = loadPlain(words, (atBytes >> 2) + word);\n  storePlain(words, (atBytes >> 2) + word, 1);\n  if (there === 0) return;',
  ),
  place(
    'an end is taken twice',
    'consumers',
    'bad end',
    'if (exchange(words, (atBytes >> 2) + word, 1) === 0) return;',
    'if (exchange(words, (atBytes >> 2) + word, 1) <= 1) return;',
  ),
  place(
    'nobody notes that an end is taken',
    'producers',
    'bad end',
    '(atBytes >> 2) + word, 1)',
    '(atBytes >> 2) + word, 0)',
  ),
  producer(
    'a record is published by a plain load and store',
    'two',
    'data race',
    EXCHANGE,
    'const before = loadPlain(words, cell);\n    storePlain(words, cell, this.#lap | this.#slot);',
  ),
  producer(
    'a record is published by a plain load and a shared store',
    'two',
    'data race',
    EXCHANGE,
    'const before = loadPlain(words, cell);\n    publish(words, cell, this.#lap | this.#slot);',
  ),
  producer(
    'a record is published by a shared load and a shared store',
    'two',
    'data race',
    'import { exchange, loadPlain, publish, storePlain }',
    'import { loadPlain, loadShared, publish, storePlain }',
    [EXCHANGE, 'const before = loadShared(words, cell);\n    publish(words, cell, this.#lap | this.#slot);'],
  ),
  producer(
    'closing is a plain store',
    'two',
    'data race',
    'publish(this.words, this.#header + LOSSY_CLOSED_WORD, 1)',
    'storePlain(this.words, this.#header + LOSSY_CLOSED_WORD, 1)',
  ),
  consumer(
    'the next cell is looked at by a plain load',
    'two',
    'data race',
    'return (loadShared(this.words, this.#cells + this.#next) & FULL) !== 0;',
    'return (loadPlain(this.words, this.#cells + this.#next) & FULL) !== 0;',
  ),
  consumer(
    'the newest cell is read by a plain load',
    'two',
    'data race',
    'cell = loadShared(words, this.#cells + position);\n    } while',
    'cell = loadPlain(words, this.#cells + position);\n    } while',
  ),
  consumer(
    'an older cell is read by a plain load',
    'two',
    'data race',
    'cell = loadShared(words, this.#cells + position);\n      if',
    'cell = loadPlain(words, this.#cells + position);\n      if',
  ),
  consumer(
    'the first cell is read by a plain load',
    'two',
    'data race',
    'const lap = loadShared(this.words, this.#cells) & this.#lapMask;',
    'const lap = loadPlain(this.words, this.#cells) & this.#lapMask;',
  ),
  search(
    'the cells are searched by plain loads',
    'two',
    'data race',
    'if ((loadShared(words, cells + middle) & lapMask) === lapBefore)',
    'if (((words[cells + middle] as number) & lapMask) === lapBefore)',
  ),
  consumer(
    'a slot is given by a plain store',
    'two',
    'data race',
    SWAP,
    'if (loadPlain(this.words, this.#cells + position) !== cell) return false;\n    storePlain(this.words, this.#cells + position, emptied);',
  ),
  consumer(
    'a slot is given by a shared load and a shared store',
    'two',
    'data race',
    SWAP,
    'if (loadShared(this.words, this.#cells + position) !== cell) return false;\n    publish(this.words, this.#cells + position, emptied);',
    [
      'import { compareExchange, loadPlain, loadShared, storePlain }',
      'import { compareExchange, loadPlain, loadShared, publish, storePlain }',
    ],
  ),
  consumer(
    'the cell that is to ring is read by a plain load',
    'two',
    'data race',
    'const cell = loadShared(this.words, at);',
    'const cell = loadPlain(this.words, at);',
  ),
  consumer(
    'the wish to be rung is a plain store',
    'two',
    'data race',
    'return compareExchange(this.words, at, cell, cell | ASKED) === cell;',
    'storePlain(this.words, at, cell | ASKED);\n    return true;',
  ),
  consumer(
    'the end is looked for by a plain load',
    'two',
    'data race',
    'return loadShared(this.words, this.#header + LOSSY_CLOSED_WORD) !== 0;',
    'return loadPlain(this.words, this.#header + LOSSY_CLOSED_WORD) !== 0;',
  ),
  settle(
    'closing is a plain store',
    'unrung',
    'data race',
    'publish(words, header + LOSSY_CLOSED_WORD, 1);',
    'words[header + LOSSY_CLOSED_WORD] = 1;',
  ),
];

/** Steps that change places. */
const order: readonly Mutant<LossyConfigurationName>[] = [
  producer('the header is written after the exchange', 'two', 'data race', STAMP, '', [
    EXCHANGE,
    `${EXCHANGE}\n${STAMP}`,
  ]),
  producer(
    'the payload is written after the exchange',
    'two',
    'data race',
    'this.#bytes.set(payload, this.claim());\n    return this.publish(bytes, tag);',
    'const at = this.claim();\n    const lost = this.publish(bytes, tag);\n    this.#bytes.set(payload, at);\n    return lost;',
  ),
  producer(
    'the bell is rung before the exchange',
    'unclosed',
    'lost wake-up',
    EXCHANGE,
    `this.consumerBell.ring();\n    ${EXCHANGE}`,
    [RING, ''],
  ),
  producer(
    'the bell is rung before the producer says that it has closed',
    'two',
    'lost wake-up',
    'publish(this.words, this.#header + LOSSY_CLOSED_WORD, 1);\n    this.consumerBell.ring();',
    'this.consumerBell.ring();\n    publish(this.words, this.#header + LOSSY_CLOSED_WORD, 1);',
  ),
  consumer(
    'records are looked for before the closing word',
    'two',
    'bad end',
    'return this.#closed && !this.hasNews();',
    'return !this.hasNews() && this.#closed;',
  ),
  settle(
    'the consumer is woken before the ring is closed',
    'unrung',
    'lost wake-up',
    '  publish(words, header + LOSSY_CLOSED_WORD, 1);\n  (consumer ?? new Doorbell(words, header + LOSSY_BELL_WORD)).rouse();',
    '  (consumer ?? new Doorbell(words, header + LOSSY_BELL_WORD)).rouse();\n  publish(words, header + LOSSY_CLOSED_WORD, 1);',
  ),
];

/** Slots that get two owners, or none. */
const slots: readonly Mutant<LossyConfigurationName>[] = [
  producer('the producer gives the same slot again', 'two', 'wrong record', '    this.#slot = slot;\n', ''),
  producer(
    'the producer writes on in the slot that it gave',
    'two',
    'data race',
    '    this.#slotAt = this.#slots + slot * this.#slotScale;\n',
    '',
  ),
  producer(
    'the producer begins with a slot of the cells',
    'two',
    'wrong record',
    'this.#slot = slotField(capacity);',
    'this.#slot = slotField(capacity - 1);',
  ),
  producer(
    "the producer begins with a slot of the consumer's",
    'two',
    'data race',
    'this.#slot = slotField(capacity);',
    'this.#slot = slotField(capacity + 1);',
  ),
  producer(
    'slots lie too close together',
    'two',
    'wrong record',
    'this.#slotAt = this.#slots + slot * this.#slotScale;',
    'this.#slotAt = this.#slots + slot;',
  ),
  producer(
    'the producer tries until no consumer is in its way',
    'one',
    'too many steps',
    'import { exchange, loadPlain, publish, storePlain }',
    'import { compareExchange, loadPlain, loadShared, publish, storePlain }',
    [
      EXCHANGE,
      'let before: number;\n    do before = loadShared(words, cell);\n    while (compareExchange(words, cell, before, this.#lap | this.#slot) !== before);',
    ],
  ),
  producer(
    'the producer waits until its record is taken',
    'one',
    'too many steps',
    EXCHANGE,
    `${EXCHANGE}\n    while (loadPlain(words, this.#header) === 0) loadPlain(words, this.#header + 1);`,
  ),
  consumer(
    "the consumer begins with the producer's slot",
    'two',
    'data race',
    '(_, index) => slotField(capacity + 1 + index)',
    '(_, index) => slotField(capacity + index)',
  ),
  consumer(
    'the consumer keeps the slot that it gave',
    'two',
    'wrong record',
    '    own[index] = cell & this.#slotMask;\n',
    '',
  ),
  consumer(
    'the consumer gives the same slot for all',
    'three',
    'data race',
    '| (own[index] as number);',
    '| (own[0] as number);',
  ),
  consumer(
    'a slot that was not got is taken',
    'two',
    'data race',
    SWAP,
    SWAP.replace('return false', 'own[index] = cell & this.#slotMask'),
  ),
  consumer(
    'an empty slot is taken',
    'two',
    'wrong record',
    '    if ((cell & FULL) === 0) return false;\n    const own',
    '    const own',
  ),
  consumer(
    'a cell that was taken stays full',
    'two',
    'wrong record',
    'const emptied = (cell & this.#lapMask)',
    'const emptied = FULL | (cell & this.#lapMask)',
  ),
  layout(
    'the number of a slot has a bit too few',
    'two',
    'data race',
    'Math.clz32(slotCount(capacity) - 1);',
    'Math.clz32(slotCount(capacity) - 1) - 1;',
  ),
  place('all cells have the same slot', 'two', 'data race', 'slotField(position));', 'slotField(0));'),
];

/** Ids, laps and counts that are wrong. */
const numbers: readonly Mutant<LossyConfigurationName>[] = [
  producer(
    'laps are not counted',
    'two',
    'wrong record',
    '    this.#lap = ((this.#lap + this.#lapUnit) & this.#lapMask) | FULL;\n',
    '',
  ),
  producer(
    'the producer goes one cell too far',
    'two',
    'wrong record',
    'if (cell + 1 === this.#cellsEnd)',
    'if (cell === this.#cellsEnd)',
  ),
  producer(
    'the producer leaves the last cell out',
    'three',
    'wrong record',
    'if (cell + 1 === this.#cellsEnd)',
    'if (cell + 2 === this.#cellsEnd)',
  ),
  producer('ids end at 2^32', 'fullTurn', 'wrong record', '    this.#lapIdHigh = idHigh(lapId);\n', ''),
  producer(
    'ids have no high half',
    'fullTurn',
    'wrong record',
    'this.#lapIdHigh = idHigh(this.#lapId);',
    'this.#lapIdHigh = 0;',
  ),
  producer(
    'a new producer begins in the first cell',
    'later',
    'wrong record',
    'this.#cell = cells + position;',
    'this.#cell = cells;',
  ),
  producer(
    'a new producer begins in the first lap',
    'later',
    'too many steps',
    'this.#lap = lapField(this.#lapId / capacity, shape) | FULL;',
    'this.#lap = FULL;',
  ),
  producer(
    'a record that was taken is told as lost',
    'two',
    'wrong record',
    '(before & FULL) === 0 ? NONE_LOST',
    'before === 0 ? NONE_LOST',
  ),
  producer('a loss is not told', 'two', 'bad end', '(before & FULL) === 0 ? NONE_LOST', 'before !== 0 ? NONE_LOST'),
  producer(
    'another record is told as lost',
    'two',
    'wrong record',
    '(cell - this.#cells) - this.capacity;',
    '(cell - this.#cells) - this.capacity + 1;',
  ),
  producer(
    'overwritten records are not counted',
    'two',
    'bad end',
    'const overwritten = this.overwritten + 1;',
    'const overwritten = this.overwritten;',
  ),
  producer(
    'the ids of a lap are those of the lap before',
    'two',
    'wrong record',
    'const lapId = this.#lapId + this.capacity;',
    'const lapId = this.#lapId;',
  ),
  consumer(
    'a pass does not go back around the end',
    'announced',
    'too many steps',
    '        position = capacity - 1;\n',
    '        break;\n',
  ),
  consumer(
    'the lap stays the same around the end',
    'two',
    'bad end',
    '        lap = (lap - this.#lapUnit) & this.#lapMask;\n',
    '',
  ),
  consumer('the lap of an older record is not looked at', 'two', 'bad end', '(cell & this.#lapMask) !== lap || ', ''),
  consumer(
    'a pass leaves out the last cell',
    'two',
    'too many steps',
    'while (count < capacity) {',
    'while (count < capacity - 1) {',
  ),
  consumer(
    'a pass begins at the next record',
    'announced',
    'wrong record',
    'position = this.#newestPosition();',
    'position = this.#next;',
  ),
  consumer(
    'a pass begins one cell too early',
    'announcedOfThree',
    'too many steps',
    'lapBefore, 1) - 1;',
    'lapBefore, 1) - 2;',
  ),
  consumer('a pass begins one cell too late', 'later', 'too many steps', 'lapBefore, 1) - 1;', 'lapBefore, 1);'),
  search(
    'the last cell is not searched',
    'announcedOfThree',
    'too many steps',
    'let unwritten = capacity;',
    'let unwritten = capacity - 1;',
  ),
  search(
    'the search takes the wrong half',
    'later',
    'too many steps',
    'unwritten = middle;\n    else written = middle + 1;',
    'written = middle + 1;\n    else unwritten = middle;',
  ),
  consumer(
    'a cell that is taken forgets its lap',
    'announcedOfThree',
    'too many steps',
    'const emptied = (cell & this.#lapMask) |',
    'const emptied =',
  ),
  consumer(
    'an id is told from the place of its record',
    'twoMisled',
    'wrong record',
    'const id = this.#idOf(slot, position);',
    'const id = newest - count;',
  ),
  consumer(
    'a consumer that was misled keeps what it had',
    'threeMisled',
    'wrong record',
    '        newestAt = position;\n        count = 1;\n',
    '        newestAt = position;\n        count++;\n',
  ),
  consumer(
    'a consumer that was misled goes on in the wrong cell',
    'sleepsMisled',
    'bad end',
    '        newestAt = position;\n        count = 1;\n',
    '        count = 1;\n',
  ),
  consumer(
    'a consumer that was misled mixes its slots up',
    'twoMisled',
    'wrong record',
    '        own[0] = slot;\n',
    '',
  ),
  consumer(
    'a consumer that was misled loses a slot',
    'twoMisled',
    'data race',
    '        own[count] = own[0] as number;\n',
    '',
  ),
  consumer('a consumer that was misled keeps its old ids', 'twoMisled', 'wrong record', '        newest = id;\n', ''),
  consumer(
    'a batch is read newest first',
    'two',
    'wrong record',
    'this.#own[this.to - this.from - 1 - index]',
    'this.#own[index]',
  ),
  consumer(
    'the next cell is that of the newest record',
    'two',
    'bad end',
    'this.#next = newestAt + 1 < capacity ? newestAt + 1 : 0;',
    'this.#next = newestAt;',
  ),
  consumer(
    'the next cell is behind the last',
    'two',
    'bad end',
    'this.#next = newestAt + 1 < capacity ? newestAt + 1 : 0;',
    'this.#next = newestAt + 1;',
  ),
  consumer('a loss is not counted', 'two', 'wrong record', '    this.lost += this.from - expected;\n', ''),
  consumer(
    'the shared count of losses is that of records read',
    'two',
    'bad end',
    'LOST_COUNT_WORD, this.lost | 0',
    'LOST_COUNT_WORD, this.read | 0',
  ),
  consumer(
    'the shared count of records read is not written',
    'two',
    'bad end',
    '    storePlain(words, this.#header + READ_COUNT_WORD, this.read | 0);\n',
    '',
  ),
  consumer(
    'ids have no high half',
    'fullTurn',
    'wrong record',
    'return idOf(loadPlain(this.words, at), loadPlain(this.words, at + 1)) + position;',
    'return idOf(loadPlain(this.words, at), 0) + position;',
  ),
  place('new cells are of the lap that begins', 'later', 'too many steps', ': lap - 1;', ': lap;'),
  place('new cells are of the lap before', 'later', 'too many steps', '? lap : lap - 1;', '? lap - 1 : lap - 1;'),
  place(
    'the first id has no low half',
    'halfTurn',
    'wrong record',
    '  storePlain(words, header + FIRST_ID_WORD, idLow(firstId));\n',
    '',
  ),
  place('the first id has no high half', 'fullTurn', 'wrong record', 'idHigh(firstId));', '0);'),
  layout('a low half is signed', 'halfTurn', 'wrong record', '(low >>> 0);', 'low;'),
];

/** Sleepers whom nobody wakes, or who do not sleep. */
const wakes: readonly Mutant<LossyConfigurationName>[] = [
  producer('nobody is rung for a record', 'unclosed', 'lost wake-up', RING, ''),
  producer('closing rings nobody', 'two', 'lost wake-up', '    this.consumerBell.ring();\n  }', '  }'),
  producer(
    'closing says nothing',
    'two',
    'lost wake-up',
    '    publish(this.words, this.#header + LOSSY_CLOSED_WORD, 1);\n',
    '',
  ),
  consumer(
    'nobody is asked to ring',
    'unclosed',
    'lost wake-up',
    'return this.bell.asleep && !this.#ask();',
    'return false;',
  ),
  consumer(
    'a wish that came too late is taken for one that was heard',
    'unclosed',
    'lost wake-up',
    'return compareExchange(this.words, at, cell, cell | ASKED) === cell;',
    'compareExchange(this.words, at, cell, cell | ASKED);\n    return true;',
  ),
  consumer(
    'a full cell is asked to ring',
    'unclosed',
    'lost wake-up',
    '    if ((cell & FULL) !== 0) return false;\n    if',
    '    if',
  ),
  consumer(
    'a cell that was asked before is taken for news',
    'timeLimits',
    'busy loop',
    'if ((cell & ASKED) !== 0) return true;',
    'if ((cell & ASKED) !== 0) return false;',
  ),
  consumer(
    'closing is not looked for before the sleep',
    'two',
    'lost wake-up',
    'if (this.#closed || this.hasNews()) return true;',
    'if (this.hasNews()) return true;',
  ),
  consumer(
    'the end is taken for reached when the producer closes',
    'two',
    'bad end',
    'return this.#closed && !this.hasNews();',
    'return this.#closed;',
  ),
  settle('the ring is not closed', 'unrung', 'lost wake-up', '  publish(words, header + LOSSY_CLOSED_WORD, 1);\n', ''),
  settle(
    'nobody is woken',
    'unwoken',
    'lost wake-up',
    '  (consumer ?? new Doorbell(words, header + LOSSY_BELL_WORD)).rouse();\n',
    '',
  ),
];

export const lossyMutants: readonly Mutant<LossyConfigurationName>[] = [
  ...flavours,
  ...order,
  ...slots,
  ...numbers,
  ...wakes,
];
