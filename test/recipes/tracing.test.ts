/** The bridge between traces of heddle and of OpenTelemetry that `docs/recipes.md` tells of. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolder, runNode } from '../package/support.js';
import { makeProject } from './project.js';

let project: string;
beforeAll(async () => {
  project = await makeProject('tracing', { '@opentelemetry/api': 'opentelemetry.mjs' });
});
afterAll(() => removeFolder(project));

describe('a span', () => {
  it('and the spans of the actors that are called in it are of one trace', async () => {
    expect(await runNode(project, 'main.js')).toEqual({ stdout: 'one trace\n', stderr: '' });
  });
});
