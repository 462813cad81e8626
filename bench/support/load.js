import { connect } from 'node:net';

const endOfHead = Buffer.from('\r\n\r\n');

/**
 * Asks for so many seconds, from as many connections as there are callers, each as soon as it has its answer.
 * A raw socket, because an HTTP client would be slower than the server it measures. Returns how many were answered.
 */
export async function load(port, callers, seconds) {
  const until = performance.now() + seconds * 1000;
  const counts = await Promise.all(callers.map((caller) => callAgain(port, caller, until)));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function callAgain(port, caller, until) {
  const ask = await connection(port);
  let count = 0;
  for (; performance.now() < until; count++) {
    const answer = await ask(caller.request());
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`);
    caller.hear?.(answer);
  }
  await ask(null);
  return count;
}

/** One question at a time; a null closes it. */
export async function connection(port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let heard = Buffer.alloc(0);
  let settle = null;
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  socket.on('error', (error) => settle?.reject(error));
  socket.on('close', () => settle?.reject(new Error('The server hung up')));
  socket.on('data', (chunk) => {
    heard = heard.length === 0 ? chunk : Buffer.concat([heard, chunk]);
    const answer = readAnswer(heard);
    if (answer === null) return;
    heard = Buffer.alloc(0);
    settle.resolve(answer);
  });
  return (text) => {
    if (text === null) return void socket.removeAllListeners('close').end();
    return new Promise((resolve, reject) => {
      settle = { resolve, reject };
      socket.write(text);
    });
  };
}

function readAnswer(bytes) {
  const end = bytes.indexOf(endOfHead);
  if (end === -1) return null;
  const head = bytes.latin1Slice(0, end);
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
  if (bytes.length < end + 4 + length) return null;
  return { status: Number(head.slice(9, 12)), body: bytes.toString('utf8', end + 4, end + 4 + length) };
}

/** A request as it travels. */
export function request(method, path, { bearer, body } = {}) {
  const text = body === undefined ? '' : JSON.stringify(body);
  const head = [
    `${method} ${path} HTTP/1.1`,
    'host: bench',
    ...(bearer === undefined ? [] : [`authorization: Bearer ${bearer}`]),
    ...(text === '' ? [] : ['content-type: application/json', `content-length: ${Buffer.byteLength(text)}`]),
  ];
  return `${head.join('\r\n')}\r\n\r\n${text}`;
}
