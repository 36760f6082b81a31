/** The programs of the Savina suite. */
import type { Heat } from '../heat.js';

export const savinaHeats = (): Heat[] => [];
