/**
 *     every Block -> the other Blocks of its row and of its column
 *
 * All shortest paths of a graph, by Floyd and Warshall: the matrix of distances is cut into blocks, and at each step every
 * block sends all its numbers to those that need them. A neighbour may be one step ahead, never two: it needs this block's
 * numbers of the step between. What a block tells after the last step finds some that have left: dead letters.
 */
import { call, defineActor, f64s, list, protocol, type Ref, type Reply, type Self, selfRef, u32 } from 'heddle';
import { check } from './check.js';
import { allLeft, leave, PATIENCE, threadFor } from './company.js';
import { type Program, rate } from './program.js';
import { PseudoRandom } from './pseudo-random.js';

const WEIGHT_MOST = 100;

/** A whole graph, row by row: an edge between any two nodes, the same both ways. */
const graphOf = (nodes: number): Float64Array => {
  const random = new PseudoRandom(nodes);
  const weights = new Float64Array(nodes * nodes);
  for (let row = 0; row < nodes; row++) {
    for (let column = row + 1; column < nodes; column++) {
      const weight = random.below(WEIGHT_MOST) + 1;
      weights[row * nodes + column] = weight;
      weights[column * nodes + row] = weight;
    }
  }
  return weights;
};

/** The same without actors. */
export const distancesOf = (nodes: number): Float64Array => {
  const distances = graphOf(nodes);
  for (let via = 0; via < nodes; via++) {
    for (let row = 0; row < nodes; row++) {
      for (let column = 0; column < nodes; column++) {
        const detour = distances[row * nodes + via]! + distances[via * nodes + column]!;
        if (detour < distances[row * nodes + column]!) distances[row * nodes + column] = detour;
      }
    }
  }
  return distances;
};

const BlockProtocol = protocol({
  neighbours: call({ all: list(selfRef) }),
  start: {},
  /** What a block is like before a step. */
  result: { step: u32, from: u32, distances: f64s },
  /** Answered with the block after the last step, when it leaves. */
  report: call({}, f64s),
});
interface BlockRef extends Ref<typeof BlockProtocol> {}

interface Part {
  readonly id: number;
  /** Rows and columns of a block. */
  readonly size: number;
  readonly nodes: number;
  readonly distances: Float64Array;
}

/** The block of a matrix that has this number, counted row by row. */
const partOf = (id: number, size: number, nodes: number, whole: Float64Array): Part => {
  const across = nodes / size;
  const [top, left] = [Math.floor(id / across) * size, (id % across) * size];
  const distances = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    const begin = (top + row) * nodes + left;
    distances.set(whole.subarray(begin, begin + size), row * size);
  }
  return { id, size, nodes, distances };
};

type Results = Map<number, Float64Array>;

interface State extends Omit<Part, 'distances'> {
  /** Blocks in a row, and in a column. */
  readonly across: number;
  readonly neighbours: BlockRef[];
  hasBegun: boolean;
  reply: Reply<Float64Array> | undefined;
  /** Always a new array for a new step: what was sent must not change. */
  distances: Float64Array;
  step: number;
  /** What others were like before this step, and what some were like after it. */
  results: Results;
  early: Results;
}

const tellNeighbours = ({ neighbours, id, step, distances }: State): void => {
  for (const neighbour of neighbours) neighbour.result({ step, from: id, distances });
};

/** The distances after a step, which allows detours by way of one node more. */
const advance = (state: State): Float64Array => {
  const { id, size, across, step: via, distances } = state;
  const ofBlock = (block: number): Float64Array => (block === id ? distances : state.results.get(block)!);
  const middle = Math.floor(via / size);
  const inRow = ofBlock(Math.floor(id / across) * across + middle);
  const inColumn = ofBlock(middle * across + (id % across));
  const offset = via % size;
  const next = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    const first = inRow[row * size + offset]!;
    for (let column = 0; column < size; column++) {
      const detour = first + inColumn[offset * size + column]!;
      const index = row * size + column;
      next[index] = Math.min(distances[index]!, detour);
    }
  }
  return next;
};

/** Makes a step if all neighbours have told what they were like before it. */
const advanceIfTold = (state: State, self: Self<typeof BlockProtocol>): void => {
  if (!state.hasBegun || state.results.size < state.neighbours.length) return;
  state.distances = advance(state);
  state.step++;
  tellNeighbours(state);
  state.results = state.early;
  state.early = new Map();
  if (state.step < state.nodes) return;
  state.reply!.send(state.distances);
  leave(self);
};

export const Block = defineActor(import.meta.url, 'Block', {
  protocol: BlockProtocol,
  init: (_, part: Part): State => ({
    ...part,
    across: part.nodes / part.size,
    neighbours: [],
    hasBegun: false,
    reply: undefined,
    step: 0,
    results: new Map(),
    early: new Map(),
  }),
  on: {
    neighbours(state, { all }) {
      state.neighbours.push(...all);
    },
    start(state, _, self) {
      state.hasBegun = true;
      tellNeighbours(state);
      advanceIfTold(state, self);
    },
    result(state, { step, from, distances }, self) {
      (step === state.step ? state.results : state.early).set(from, distances);
      advanceIfTold(state, self);
    },
    report(state, _, self) {
      state.reply = self.reply<Float64Array>();
      return state.reply;
    },
  },
});

/** Those in the same row or the same column. */
const areNeighbours = (one: number, other: number, across: number): boolean =>
  one !== other && (Math.floor(one / across) === Math.floor(other / across) || one % across === other % across);

export const shortestPaths: Program<'nodes' | 'block'> = {
  name: 'shortest-paths',
  title: 'messages of many kilobytes, and steps in which all wait for their neighbours',
  sizes: {
    faithful: { nodes: 300, block: 50 },
    usual: { nodes: 300, block: 50 },
    quick: { nodes: 60, block: 20 },
  },
  async run(system, { nodes, block: size }) {
    const across = nodes / size;
    const graph = graphOf(nodes);
    const began = performance.now();
    const blocks = await Promise.all(
      Array.from({ length: across ** 2 }, (_, id) =>
        system.spawn(Block, partOf(id, size, nodes, graph), { place: threadFor(system, id) }),
      ),
    );
    // Sent before `neighbours`, whose answers say that these have arrived too.
    const reports = Promise.all(blocks.map((block) => block.report({}, PATIENCE)));
    const wired = Promise.all(
      blocks.map((block, id) =>
        block.neighbours({ all: blocks.filter((_, other) => areNeighbours(id, other, across)) }),
      ),
    );
    const run = wired.then(() => {
      for (const block of blocks) block.start();
    });
    const [parts] = await Promise.all([reports, run, allLeft(system, blocks)]);
    const ms = performance.now() - began;
    const expected = distancesOf(nodes);
    for (const [id, distances] of parts.entries()) {
      const part = partOf(id, size, nodes, expected);
      for (const [index, distance] of part.distances.entries()) check('a distance', distances[index], distance);
    }
    const results = (nodes + 1) * blocks.length * 2 * (across - 1);
    return rate(ms, results + 2 * blocks.length, results, 'blocks');
  },
};
