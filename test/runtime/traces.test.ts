/** What a thread keeps of the traces of calls that have arrived. */
import { describe, expect, it } from 'vitest';
import { defineActor, type RefOf } from '../../src/actor/definition.js';
import { traceparent, withTraceparent } from '../../src/base/trace-context.js';
import { optional, text } from '../../src/messages/fields.js';
import { CorruptRecord, Memory } from '../../src/messages/memory.js';
import { call } from '../../src/messages/protocol.js';
import { Traces } from '../../src/runtime/traces.js';
import { makeCores } from '../support/cores.js';

const HERE = 1;

const Teller = defineActor(import.meta.url, 'Teller', {
  protocol: { tell: call({}, optional(text)) },
  init: () => ({}),
  on: { tell: () => traceparent() },
});

const keep = (traces: Traces, call: number, text = `trace ${call}`): void =>
  withTraceparent(text, () => traces.opened(HERE, call));

describe('the traces of calls', () => {
  it('are taken once', () => {
    const traces = new Traces(HERE, []);
    keep(traces, 5);
    expect(traces.take(HERE, 6)).toBeUndefined();
    expect(traces.take(2, 5)).toBeUndefined();
    expect(traces.take(HERE, 5)).toBe('trace 5');
    expect(traces.take(HERE, 5)).toBeUndefined();
  });

  it('are forgotten with the thread that called', () => {
    const traces = new Traces(HERE, []);
    keep(traces, 5);
    traces.forget(2);
    traces.forget(HERE);
    expect(traces.take(HERE, 5)).toBeUndefined();
  });

  it('are kept up to a limit, and again when others were taken or forgotten', () => {
    const traces = new Traces(HERE, []);
    const limit = 65_536;
    for (let call = 0; call < limit; call++) keep(traces, call);
    keep(traces, limit);
    expect(traces.take(HERE, limit)).toBeUndefined();
    expect(traces.take(HERE, 0)).toBe('trace 0');
    keep(traces, limit);
    expect(traces.take(HERE, limit)).toBe(`trace ${limit}`);
    traces.forget(HERE);
    for (let call = 0; call < limit; call++) keep(traces, call);
    expect(traces.take(HERE, limit - 1)).toBe(`trace ${limit - 1}`);
  });

  it('are given up when their call was not sent', () => {
    const traces = new Traces(HERE, []);
    keep(traces, 5);
    traces.refused(HERE, 4);
    traces.refused(HERE, 5);
    expect(traces.take(HERE, 5)).toBeUndefined();
  });

  it.each([201, -1, 12])('are corrupt where they end behind their record (%i characters)', (length) => {
    const memory = new Memory(new ArrayBuffer(1024));
    memory.i32.set([5, 0, length], 2);
    expect(() => new Traces(HERE, []).receive(2, memory, 0, 40)).toThrow(CorruptRecord);
  });
});

describe('the trace of a call', () => {
  it('is there before it, whatever else is on its way in pieces', async () => {
    const { all, settle } = makeCores(1, { traceContext: true });
    const [host, worker] = all;
    const teller = worker!.spawnNow(Teller, undefined, { place: 0 }) as RefOf<typeof Teller>;
    await settle();
    // A report has no order to keep, and neither has a trace; the one must not wait for the other.
    worker!.reports.problem('floating-rejection', new Error('x'.repeat(8000)));
    const told = withTraceparent('a trace', () => teller.tell());
    await settle();
    expect(await told).toBe('a trace');
    expect(host!.mesh.hasBacklog).toBe(false);
  });
});
