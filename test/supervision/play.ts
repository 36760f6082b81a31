/** A supervisor that is told what happens by a test, and says what it wants in words: `start a`, `arm b 100`. */
import type { Effect, Event, Exit } from '../../src/supervision/events.js';
import { type ChildOptions, checkChild, checkPlan, type SupervisorOptions } from '../../src/supervision/plan.js';
import { childrenOf, initial, type State, step } from '../../src/supervision/supervisor-state.js';

export const NORMAL: Exit = { normal: true, detail: 'done' };
export const FAILED: Exit = { normal: false, detail: 'it threw' };

/** The thread of a child ended, and others were on it. */
export const lost = (death: string): Exit => ({ normal: false, death, detail: 'its thread ended' });
/** The child ended its thread. */
export const culprit = (death: string): Exit => ({ ...lost(death), culprit: true });

const inWords = (effect: Effect): string => {
  switch (effect.kind) {
    case 'ready':
    case 'finish':
      return effect.kind;
    case 'fail':
      return `fail: ${effect.detail}`;
    case 'arm':
      return `arm ${effect.id} ${effect.delayMs}`;
    default:
      return `${effect.kind} ${effect.id}`;
  }
};

export class Play {
  now = 0;
  /** What a back-off draws. */
  random = 0;
  state: State;

  constructor(options: SupervisorOptions, children: readonly ChildOptions[]) {
    const plan = checkPlan('supervisor', options);
    this.state = initial(
      plan,
      children.map((child) => checkChild('supervisor', child, plan)),
    );
  }

  /** Begun, and all have started. */
  static begun(options: SupervisorOptions, children: readonly ChildOptions[]): Play {
    const play = new Play(options, children);
    play.settle({ kind: 'begin' });
    return play;
  }

  tell(event: Event): readonly string[] {
    return this.#tell(event).map(inWords);
  }

  begin(): readonly string[] {
    return this.tell({ kind: 'begin' });
  }

  started(id: string): readonly string[] {
    return this.tell({ kind: 'started', id });
  }

  startFailed(id: string, detail = 'init threw'): readonly string[] {
    return this.tell({ kind: 'start-failed', id, detail });
  }

  exited(id: string, exit: Exit = FAILED): readonly string[] {
    return this.tell({ kind: 'exited', id, exit });
  }

  due(id: string): readonly string[] {
    return this.tell({ kind: 'due', id });
  }

  add(child: ChildOptions): readonly string[] {
    return this.tell({ kind: 'add', child: checkChild('supervisor', child, this.state.plan) });
  }

  ask(kind: 'terminate' | 'restart' | 'remove', id: string): readonly string[] {
    return this.tell({ kind, id });
  }

  /** All that follows when whatever it wants is done at once. */
  settle(event: Event): readonly string[] {
    const events: Event[] = [event];
    const said: string[] = [];
    for (let next = events.shift(); next !== undefined; next = events.shift()) {
      for (const effect of this.#tell(next)) {
        said.push(inWords(effect));
        if (effect.kind === 'start') events.push({ kind: 'started', id: effect.id });
        if (effect.kind === 'arm') events.push({ kind: 'due', id: effect.id });
        if (effect.kind === 'halt' || effect.kind === 'end')
          events.push({ kind: 'exited', id: effect.id, exit: NORMAL });
      }
    }
    return said;
  }

  /** `a running, b waiting`. */
  get phases(): string {
    return childrenOf(this.state)
      .map(({ id, phase }) => `${id} ${phase}`)
      .join(', ');
  }

  #tell(event: Event): readonly Effect[] {
    const { state, effects } = step(this.state, event, this.now, () => this.random);
    this.state = state;
    return effects;
  }
}

/** Children by name, all of one kind. */
export const children = (ids: string, restart: ChildOptions['restart'] = 'permanent'): readonly ChildOptions[] =>
  [...ids].map((id) => ({ id, restart: restart! }));
