/** Imported first by the workers of a test: it never finishes. */
await new Promise(() => undefined);
