/** What each of the three ways does with the body of a request, wherever it does it. */
import { diff } from './diff.js';

export interface Answer {
  /** Of HTTP. */
  readonly status: number;
  readonly body: Uint8Array;
}

/** The body of a request: `{ "before": "...", "after": "..." }`. */
export interface Question {
  readonly before: string;
  readonly after: string;
}

const isQuestion = (value: unknown): value is Question => {
  const { before, after } = (value ?? {}) as Partial<Question>;
  return typeof before === 'string' && typeof after === 'string';
};

const parse = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
  } catch {
    return undefined;
  }
};

const say = (status: number, text: string): Answer => ({ status, body: Buffer.from(text) });

/** Never throws: a request that is no good is answered, too. */
export const answer = (body: Uint8Array): Answer => {
  const question = parse(body);
  if (!isQuestion(question)) return say(400, 'expected { "before": "...", "after": "..." }\n');
  const patch = diff(question.before, question.after);
  return patch === undefined ? say(422, 'the texts have too little in common\n') : say(200, patch);
};
