/** Lines on stderr for those who set `NODE_DEBUG=heddle`: what happens to systems and threads, never to single messages. */
import { debuglog } from 'node:util';

export const debug = debuglog('heddle');
