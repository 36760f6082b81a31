/** Can be imported as long as there is no file of the name that the environment says. */
import { existsSync } from 'node:fs';

const guard = process.env['HEDDLE_TEST_GUARD'];
if (guard !== undefined && existsSync(guard)) throw new Error('the guard is up');
