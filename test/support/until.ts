/** Turns of the event loop in which is looked at once; what takes longer is on another thread, which needs the processor. */
const EAGER_TURNS = 32;
const LOOK_EVERY_MS = 1;

/** Looks again and again whether something `holds`; what never comes is ended by the time limit of the test. */
export const until = async (holds: () => boolean): Promise<void> => {
  for (let turn = 0; !holds(); turn++) {
    await new Promise<void>((resolve) => {
      if (turn < EAGER_TURNS) setImmediate(resolve);
      else setTimeout(resolve, LOOK_EVERY_MS);
    });
  }
};
