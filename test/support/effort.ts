/** How much a test does: what everybody has the patience for, or, in `npm run test:soak`, a night's work. */
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    readonly soak: boolean;
  }
}

export const effort = (usual: number, soak: number): number => (inject('soak') ? soak : usual);
