/** One request over connections that are kept. */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';

/** Longer than any server here lets its clients wait. */
const PATIENCE_MS = 20_000;

export interface Reply {
  readonly status: number;
  readonly body: Buffer;
}

export class Client {
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(port: number) {
    this.#port = port;
  }

  get(path: string): Promise<Reply> {
    return this.#request('GET', path);
  }

  post(path: string, body: Buffer): Promise<Reply> {
    return this.#request('POST', path, body);
  }

  /** @throws if the connection fails, or no answer comes */
  async #request(method: string, path: string, body?: Buffer): Promise<Reply> {
    const asked = request({
      agent: this.#agent,
      host: '127.0.0.1',
      port: this.#port,
      method,
      path,
      timeout: PATIENCE_MS,
      ...(body === undefined ? {} : { headers: { 'content-length': body.length } }),
    });
    asked.once('timeout', () => asked.destroy(new Error(`${method} ${path} is not answered`)));
    asked.end(body);
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = await response.toArray();
    return { status: response.statusCode!, body: Buffer.concat(chunks) };
  }
}
