/** How long a benchmark waits for a reply: far longer than any sample takes. */
export const PATIENCE = { timeoutMs: 300_000 } as const;
