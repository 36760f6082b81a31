/** A task that ends when as many threads as there are have begun it. */
export default ({ arrived, threads }: { readonly arrived: SharedArrayBuffer; readonly threads: number }): void => {
  const word = new Int32Array(arrived);
  if (Atomics.add(word, 0, 1) + 1 === threads) Atomics.notify(word, 0);
  for (let here = Atomics.load(word, 0); here < threads; here = Atomics.load(word, 0)) Atomics.wait(word, 0, here);
};
