/** What `--html` writes. */
import type { LaboratoryRun } from '../results.js';

export const renderHtml = (run: LaboratoryRun): string =>
  `<!doctype html><title>heddle bench</title><pre>${JSON.stringify(run)}</pre>`;
