/** A thread that answers each message with its time. */
import { parentPort } from 'node:worker_threads';
import { nowNs } from '../../bench/laboratory/clock.js';

parentPort!.on('message', () => parentPort!.postMessage(nowNs()));
