/** Ends the worker of a piscina pool that it runs on. */
export default (): never => process.exit(1);
