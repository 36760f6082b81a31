/** The routes, on plain `node:http`: `GET /health`, which is trivial, and `POST /diff`, which is work. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Answer } from './answer.js';
import { Refusal, type Way } from './way.js';

const BODY_BYTES_MAX = 1 << 20;

export const createService = (way: Way): Server =>
  // Connections are kept until clients close them, which they may do at any time; the other way round requests get lost.
  createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void handle(way, request, response);
  });

const handle = async (way: Way, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const left = new AbortController();
  response.once('close', () => left.abort());
  try {
    send(response, await route(way, request, left.signal));
  } catch (error) {
    // A client that has left is told nothing.
    if (!request.socket.destroyed) send(response, explain(error));
  }
};

const say = (status: number, text: string): Answer => ({ status, body: Buffer.from(text) });

const HEALTHY = say(200, 'ok\n');

const route = async (way: Way, request: IncomingMessage, signal: AbortSignal): Promise<Answer> => {
  switch (`${request.method} ${request.url}`) {
    case 'GET /health':
      return HEALTHY;
    case 'POST /diff': {
      const bytes = Number(request.headers['content-length']);
      if (Number.isNaN(bytes)) return say(411, 'how long is the body?\n');
      if (bytes > BODY_BYTES_MAX) return say(413, `at most ${BODY_BYTES_MAX} bytes\n`);
      return await way.answer(await read(request, bytes), signal);
    }
    default:
      return say(404, 'there are GET /health and POST /diff\n');
  }
};

/** The parser of `node:http` sees to it that no more comes than was announced. @throws if less does */
const read = async (request: IncomingMessage, bytes: number): Promise<Uint8Array> => {
  const body = new Uint8Array(bytes);
  let end = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    body.set(chunk, end);
    end += chunk.length;
  }
  return body;
};

const explain = (error: unknown): Answer => {
  if (error instanceof Refusal) return say(error.status, `${error.message}\n`);
  console.error(error);
  return say(500, 'this is our fault\n');
};

const send = (response: ServerResponse, { status, body }: Answer): void => {
  // What was not read of a request is not read any more.
  if (!response.req.complete) response.setHeader('connection', 'close');
  response.writeHead(status, { 'content-length': body.byteLength }).end(body);
};
