/** Fails to start a system and says why; ends by itself, because nothing is left running. */
import { createSystem } from 'heddle';

try {
  await createSystem({ threads: 2, workerImports: [new URL('./broken-import.js', import.meta.url).href] });
} catch (error) {
  const { name, code, message, cause } = error as Error & { code: string };
  console.log(JSON.stringify({ name, code, message, cause: (cause as Error).message }));
}
