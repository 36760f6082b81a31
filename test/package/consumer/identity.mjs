import { createSystem } from 'heddle';
import { Witness } from './witness.mjs';

const system = await createSystem({ threads: 2 });
const witnesses = await Promise.all([0, 1, 2].map((place) => system.spawn(Witness, undefined, { place })));
console.log(JSON.stringify(await Promise.all(witnesses.map((witness) => witness.testify()))));
await system.shutdown();
