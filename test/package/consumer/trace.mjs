// Loaded before a program: prints what it loads, as JSON, when it ends.
import { register } from 'node:module';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';

const hook = `
  let port;
  export const initialize = (given) => { port = given; };
  export const load = (url, context, next) => { port.postMessage(url); return next(url, context); };
`;
const { port1, port2 } = new MessageChannel();
register(`data:text/javascript,${encodeURIComponent(hook)}`, { data: port2, transferList: [port2] });

process.once('exit', () => {
  const urls = [];
  for (let got = receiveMessageOnPort(port1); got !== undefined; got = receiveMessageOnPort(port1))
    urls.push(got.message);
  console.log(JSON.stringify(urls));
});
port1.unref();
