// Stands in for @opentelemetry/api with an SDK behind it: as much of them as the recipe uses, by their documentation.
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

const storage = new AsyncLocalStorage();
const ROOT = Object.freeze({ span: undefined });

export const context = {
  active: () => storage.getStore() ?? ROOT,
  with: (given, fn) => storage.run(given, fn),
};

export const propagation = {
  inject({ span }, carrier) {
    if (span !== undefined) carrier.traceparent = `00-${span.traceId}-${span.spanId}-01`;
  },
  extract(given, { traceparent }) {
    const [, traceId, spanId] = traceparent?.split('-') ?? [];
    return traceId === undefined ? given : { span: { traceId, spanId } };
  },
};

export const trace = {
  getSpanContext: ({ span }) => span,
  getTracer: () => ({
    startActiveSpan(_name, fn) {
      const { span: parent } = context.active();
      const span = {
        traceId: parent?.traceId ?? randomBytes(16).toString('hex'),
        spanId: randomBytes(8).toString('hex'),
      };
      return context.with({ span }, () => fn({ spanContext: () => span, end: () => undefined }));
    },
  }),
};
