import fastify from 'fastify';
import { createSystem } from 'heddle';
import { Quotes } from './quotes.ts';

const [backend = 'http://127.0.0.1:8080', port = '3000'] = process.argv.slice(2);

const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  HEDDLE_MAILBOX_FULL: 503,
  HEDDLE_CALL_TIMEOUT: 504,
};

const system = await createSystem({
  threads: 2,
  workerImports: [new URL('./register-tsx.js', import.meta.url).href],
});
const quotes = await system.spawn(Quotes, backend);

const app = fastify();

app.get<{ Params: { item: string }; Querystring: { withinMs?: string } }>('/quotes/:item', async (request) => {
  const { signal, params, query } = request;
  const price = await quotes.quote({ item: params.item }, { signal, timeoutMs: Number(query.withinMs ?? 5_000) });
  return { price };
});

app.setErrorHandler<Error & { code?: string }>((error, request, reply) => {
  // The client has left: nobody reads an answer, and the call has been given up.
  if (request.signal.aborted) console.log('a client has left');
  return reply.code(STATUS_BY_CODE[error.code ?? ''] ?? 500).send({ error: error.message });
});

let closing = false;
app.addHook('onSend', async (_request, reply) => {
  // A connection that is kept alive would keep the server from closing.
  if (closing) reply.header('connection', 'close');
});

process.once('SIGTERM', async () => {
  closing = true;
  console.log('closing');
  // First the server, which answers what is under way, and then what answers it.
  await app.close();
  console.log(JSON.stringify(await system.shutdown()));
});

console.log(await app.listen({ port: Number(port) }));
