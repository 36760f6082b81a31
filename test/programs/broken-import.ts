/** Imported first by the workers of a test: it throws. */
throw new RangeError('this set-up fails');
