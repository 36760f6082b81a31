import { context, propagation } from '@opentelemetry/api';
import { traceparent, withTraceparent } from 'heddle';

/** Around code that makes calls: the active span goes with them. */
export const calling = (fn) => {
  const carrier = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent === undefined ? fn() : withTraceparent(carrier.traceparent, fn);
};

/** Around the work of a handler: spans that begin there are children of its caller's. */
export const called = (fn) => context.with(propagation.extract(context.active(), { traceparent: traceparent() }), fn);
