/** What a worker of piscina does with a request. */
export { answer as default } from './answer.js';
