/**
 *     Master <-> Workers
 *
 * All ways to place N queens so that none attacks another. Near the root of the tree of boards a worker sends every board
 * that has one more queen back to the master, which deals them out; farther down it searches alone, and sends one message
 * for each solution.
 */
import {
  type AnyDefinition,
  bytes,
  call,
  defineActor,
  f64,
  protocol,
  type Ref,
  type RefOf,
  type Reply,
  record,
  ref,
  type Self,
  u32,
} from 'heddle';
import { check } from './check.js';
import { allLeft, BURST, leave, PATIENCE, threadFor } from './company.js';
import { type Program, rate } from './program.js';

/** The column of the queen of each row so far. */
type Board = Uint8Array;

/** Whether the last queen of the first `rows` rows is attacked by none of the others. */
const isValid = (board: Board, rows: number): boolean => {
  const last = rows - 1;
  const column = board[last]!;
  for (let row = 0; row < last; row++) {
    const distance = Math.abs(board[row]! - column);
    if (distance === 0 || distance === last - row) return false;
  }
  return true;
};

/** The solutions that begin with the first `rows` rows of a board, whose other rows it uses. */
const countSolutions = (board: Board, rows: number): number => {
  if (rows === board.length) return 1;
  let solutions = 0;
  for (let column = 0; column < board.length; column++) {
    board[rows] = column;
    if (isValid(board, rows + 1)) solutions += countSolutions(board, rows + 1);
  }
  return solutions;
};

/** All valid boards with one more queen. */
const extensionsOf = (board: Board, size: number): Board[] => {
  const rows = board.length + 1;
  return Array.from({ length: size }, (_, column) => Uint8Array.of(...board, column)).filter((next) =>
    isValid(next, rows),
  );
};

const Totals = record({ solutions: f64, work: f64, messages: f64 });

const MasterProtocol = protocol({
  /** Answered when all boards were searched and all workers have left. */
  start: call({ size: u32, threshold: u32, workers: u32 }, Totals),
  work: { board: bytes },
  result: {},
  done: {},
});
interface MasterRef extends Ref<typeof MasterProtocol> {}

interface Problem {
  readonly size: number;
  readonly threshold: number;
}

export const Worker = defineActor(import.meta.url, 'Worker', {
  protocol: {
    work: { board: bytes, master: ref<MasterRef>((): AnyDefinition => Master) },
    stop: call({}),
  },
  init: (_, problem: Problem) => problem,
  on: {
    async work({ size, threshold }, { board, master }, self) {
      await self.room(master);
      if (board.length < threshold && board.length < size) {
        for (const next of extensionsOf(board, size)) master.work({ board: next });
      } else {
        const whole = new Uint8Array(size);
        whole.set(board);
        const solutions = countSolutions(whole, board.length);
        for (let solution = 1; solution <= solutions; solution++) {
          master.result();
          if (solution % BURST === 0) await self.room(master);
        }
      }
      master.done();
    },
    stop: (_state, _, self) => leave(self),
  },
});
type WorkerRef = RefOf<typeof Worker>;

interface MasterState {
  reply: Reply<{ solutions: number; work: number; messages: number }> | undefined;
  workers: readonly WorkerRef[];
  /** Boards that were given to workers, and those that they have done with. */
  dealt: number;
  done: number;
  solutions: number;
  messages: number;
}

/** Does not await `room`: workers wait for room here, and two who wait for each other would wait for ever. */
const deal = (state: MasterState, board: Board, master: MasterRef): void => {
  const worker = state.workers[state.dealt++ % state.workers.length]!;
  worker.work({ board, master });
};

const finish = async (state: MasterState, self: Self<typeof MasterProtocol>): Promise<void> => {
  await Promise.all(state.workers.map((worker) => worker.stop({}, PATIENCE)));
  const { reply, solutions, dealt: work, messages } = state;
  reply!.send({ solutions, work, messages });
  leave(self);
};

export const Master = defineActor(import.meta.url, 'Master', {
  protocol: MasterProtocol,
  init: (): MasterState => ({ reply: undefined, workers: [], dealt: 0, done: 0, solutions: 0, messages: 0 }),
  on: {
    start(state, { size, threshold, workers }, self) {
      // Linked, so that the master ends after them, and fails with them.
      state.workers = Array.from({ length: workers }, () => self.spawnNow(Worker, { size, threshold }, { link: true }));
      state.reply = self.reply();
      deal(state, new Uint8Array(), self.ref);
      return state.reply;
    },
    work(state, { board }, self) {
      state.messages++;
      deal(state, board, self.ref);
    },
    result(state) {
      state.messages++;
      state.solutions++;
    },
    done(state, _, self) {
      state.messages++;
      // A worker has sent its boards before it says that it is done.
      return ++state.done === state.dealt ? finish(state, self) : undefined;
    },
  },
});

/** For boards of 0, 1, 2 ... rows (OEIS A000170). */
const SOLUTIONS = [1, 1, 0, 0, 2, 10, 4, 40, 92, 352, 724, 2_680, 14_200, 73_712, 365_596];

/** Boards that are dealt out: all valid ones with up to so many queens. */
export const boardsOf = (size: number, threshold: number): number => {
  let [count, boards]: [number, Board[]] = [1, [new Uint8Array()]];
  for (let rows = 1; rows <= Math.min(size, threshold); rows++) {
    boards = boards.flatMap((board) => extensionsOf(board, size));
    count += boards.length;
  }
  return count;
};

export const queens: Program<'size' | 'threshold' | 'workers'> = {
  name: 'queens',
  title: 'a search that is dealt out as it grows',
  sizes: {
    faithful: { size: 12, threshold: 4, workers: 20 },
    usual: { size: 12, threshold: 4, workers: 20 },
    quick: { size: 8, threshold: 3, workers: 5 },
  },
  async run(system, { size, threshold, workers }) {
    const began = performance.now();
    const master = await system.spawn(Master, undefined, { place: threadFor(system, 0) });
    const [totals] = await Promise.all([
      master.start({ size, threshold, workers }, PATIENCE),
      allLeft(system, [master]),
    ]);
    const ms = performance.now() - began;
    const boards = boardsOf(size, threshold);
    check(`solutions of ${size} queens`, totals.solutions, SOLUTIONS[size]);
    check('boards that were dealt out', totals.work, boards);
    check('messages to the master', totals.messages, boards - 1 + boards + totals.solutions);
    return rate(ms, 3 * boards - 1 + totals.solutions + 2 * workers, totals.solutions, 'solutions');
  },
};
