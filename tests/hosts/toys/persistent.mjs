// @ts-check
/** A World that does not give up easily, for the tests of its death: it retries, reconnects, and has timers. */
import net from 'node:net';
import { made } from './counted.mjs';

/** @param {number} port @param {() => void} [again] called when the connection breaks */
function connect(port, again) {
  const socket = net.connect(port, '127.0.0.1');
  /** @type {((line: string) => void)[]} */
  const waiting = [];
  socket.on('data', (data) => {
    for (const line of data.toString().trim().split('\r\n')) waiting.shift()?.(line);
  });
  socket.on('error', () => {});
  if (again) socket.on('close', again);
  /** @param {string[]} words @returns {Promise<string>} */
  return (...words) => {
    const answer = new Promise((resolve) => waiting.push(resolve));
    socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`);
    return answer;
  };
}

/** @param {{port: number, kind?: string}} options */
export async function createWorld({ port, kind = '' }) {
  const one = connect(port, () => void connect(port)('INCR', 'left:reconnected'));
  const two = connect(port);
  if (kind === 'threads') new (await import('node:worker_threads')).Worker('', { eval: true });
  if (kind === 'processes') (await import('node:child_process')).execFileSync(process.execPath, ['--version']);
  if (kind === 'files') (await import('node:fs')).mkdirSync(process.cwd(), { recursive: true });
  /** @type {any} */ (globalThis).lived = (/** @type {any} */ (globalThis).lived ?? 0) + 1;
  return {
    runs: { get: () => Promise.all([one('PING'), two('PING')]) },
    toy: {
      made: () => [made(), /** @type {any} */ (globalThis).lived],
      count: async () => Number((await one('EVAL', "return #redis.call('KEYS', 'left:*')", '0')).slice(1)),
      clean: () => one('EVAL', "for _, key in ipairs(redis.call('KEYS', 'left:*')) do redis.call('DEL', key) end", '0'),
      /** One write, beside it what would follow soon or late: on another connection, on a new one, by a timer. */
      async write() {
        setTimeout(() => void connect(port)('INCR', 'left:timer'), 5);
        setInterval(() => void two('INCR', 'left:interval'), 5);
        queueMicrotask(() => void connect(port)('INCR', 'left:microtask'));
        await Promise.all([one('INCR', 'left:written'), two('INCR', 'left:beside')]);
      },
    },
  };
}
