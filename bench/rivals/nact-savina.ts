/**
 * Three programs of `examples/savina` with nact, by the same definitions, parameters and checks; all actors live on one
 * thread. The time runs from before the first actor is made until the last one has stopped.
 */
import { dispatch, type Ref, spawn, start, stop } from 'nact';
import { routesOf } from '../../examples/savina/big.js';
import { check } from '../../examples/savina/check.js';
import { duration, type Parameters, type Played, rate } from '../../examples/savina/program.js';
import { PseudoRandom } from '../../examples/savina/pseudo-random.js';
import { serve } from './serve.js';

/** Who the first pong is from, which nobody has asked for. */
const NOBODY = -1;
const ANGLE = 37.2;

/** A system whose actors are counted, and what they notice. */
class Stage {
  readonly system = start();
  /** Messages that somebody else should have sent, or at another time. */
  mistakes = 0;
  #actors = 0;
  #allStopped = (): void => undefined;
  readonly allStopped = new Promise<void>((resolve) => {
    this.#allStopped = resolve;
  });

  actor<M>(handle: (message: M, self: Ref<M>) => void): Ref<M> {
    const name = `actor-${this.#actors++}`;
    // The handler has a state of its own; without one here nact would not say when an actor has stopped.
    const call = (state: true, message: M, { self }: { readonly self: Ref<M> }): true => {
      handle(message, self);
      return state;
    };
    const afterStop = (): void => {
      if (--this.#actors === 0) this.#allStopped();
    };
    return spawn(this.system, call, name, { initialState: true as const, afterStop });
  }

  expect(isRight: boolean): void {
    if (!isRight) this.mistakes++;
  }
}

type PingMessage = 'start' | 'ping' | number;
type PongMessage = 'stop' | { readonly sequence: number; readonly from: Ref<PingMessage> };

interface ItemMessage {
  readonly round: number;
}

type PeerMessage =
  | { readonly kind: 'ping' | 'pong'; readonly from: number }
  | { readonly kind: 'exit'; readonly from: undefined };

export const tasks = {
  async 'ping-pong'({ pings }: Parameters<'pings'>): Promise<Played> {
    const stage = new Stage();
    const began = performance.now();
    let answered = 0;
    const pong = stage.actor<PongMessage>((message, self) => {
      if (message === 'stop') stop(self);
      else {
        stage.expect(message.sequence === ++answered);
        dispatch(message.from, message.sequence);
      }
    });
    let sequence = 0;
    const ping = stage.actor<PingMessage>((message, self) => {
      if (typeof message === 'string') dispatch(pong, { sequence: ++sequence, from: self });
      else {
        stage.expect(message === sequence);
        if (sequence < pings) dispatch(self, 'ping');
        else {
          dispatch(pong, 'stop');
          stop(self);
        }
      }
    });
    dispatch(ping, 'start');
    await stage.allStopped;
    const ms = performance.now() - began;
    check('messages out of order', stage.mistakes, 0);
    check('pings that Pong has counted', answered, pings);
    return duration(ms, 3 * pings + 1, pings, 'round trip');
  },

  async 'fork-join'({ actors, rounds }: Parameters<'actors' | 'rounds'>): Promise<Played> {
    const stage = new Stage();
    const began = performance.now();
    let items = 0;
    let work = 0;
    const workers = Array.from({ length: actors }, () => {
      let count = 0;
      return stage.actor<ItemMessage>(({ round }, self) => {
        stage.expect(round === count++);
        items++;
        work += Math.sin(ANGLE) ** 2;
        if (count === rounds) stop(self);
      });
    });
    for (let round = 0; round < rounds; round++) for (const worker of workers) dispatch(worker, { round });
    await stage.allStopped;
    const ms = performance.now() - began;
    check('messages out of order', stage.mistakes, 0);
    check('messages that were handled', items, actors * rounds);
    check('whether work was done', work > 0, true);
    return rate(ms, actors * rounds, actors * rounds, 'messages');
  },

  async big({ peers, pings }: Parameters<'peers' | 'pings'>): Promise<Played> {
    const stage = new Stage();
    const began = performance.now();
    let received = 0;
    let routes = 0;
    const all = Array.from({ length: peers }, (_, id) => {
      const random = new PseudoRandom(id);
      let asked = NOBODY;
      let left = pings;
      return stage.actor<PeerMessage>(({ kind, from }, self) => {
        if (kind === 'exit') stop(self);
        else if (kind === 'ping') {
          received++;
          routes += from * peers + id;
          dispatch(all[from]!, { kind: 'pong', from: id });
        } else {
          stage.expect(from === asked);
          if (left-- === 0) dispatch(sink, 'exit');
          else {
            asked = random.below(peers);
            dispatch(all[asked]!, { kind: 'ping', from: id });
          }
        }
      });
    });
    let exits = 0;
    const sink: Ref<'exit'> = stage.actor<'exit'>((_, self) => {
      if (++exits < peers) return;
      for (const peer of all) dispatch(peer, { kind: 'exit', from: undefined });
      stop(self);
    });
    for (const peer of all) dispatch(peer, { kind: 'pong', from: NOBODY });
    await stage.allStopped;
    const ms = performance.now() - began;
    check('pongs from others than those who were asked', stage.mistakes, 0);
    check('pings that have come', received, peers * pings);
    check('sum of their routes', routes, routesOf(peers, pings));
    // The actors know each other without being told.
    return rate(ms, 2 * peers * pings + 3 * peers, peers * pings, 'pings');
  },
};

serve(tasks);
