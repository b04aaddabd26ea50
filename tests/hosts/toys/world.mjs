// @ts-check
/**
 * A World of odd habits, for the tests of the Node host. It speaks RESP to a Redis by hand, over as many
 * sockets as it is told, and its operations do what libraries do: pipeline, forget, log, throw.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { promises as fs, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';

let copies = 0;

/** @param {number} port */
function connect(port) {
  const socket = net.connect(port, '127.0.0.1');
  /** @type {((line: string) => void)[]} */
  const waiting = [];
  let text = '';
  socket.on('data', (data) => {
    text += data;
    // Every answer used here is one line, or an array of two bulk strings (BLPOP).
    for (;;) {
      const found = /^(?:[+:-][^\r]*\r\n|\$-?\d+\r\n(?:[^\r]*\r\n)?|\*2\r\n(?:\$\d+\r\n[^\r]*\r\n){2})/.exec(text);
      if (found === null) return;
      text = text.slice(found[0].length);
      waiting.shift()?.(found[0].trim());
    }
  });
  /** @param {string[]} words @returns {Promise<string>} */
  return (...words) => {
    const answer = new Promise((resolve) => waiting.push(resolve));
    socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`);
    return answer;
  };
}

/** @param {{port?: number, folder?: string, hang?: boolean}} options */
export function createWorld({ port, folder = '/nowhere', hang = false }) {
  copies++;
  const one = port === undefined ? async () => '' : connect(port);
  const two = port === undefined ? async () => '' : connect(port);
  return {
    specVersion: 7,
    runs: { get: () => Promise.all([one('PING'), two('PING')]) },
    async close() {
      if (hang) await new Promise(() => {});
    },
    toy: {
      copies: () => copies,
      echo: (/** @type {any[]} */ ...values) => values,
      set: (/** @type {string} */ key, /** @type {string} */ value) => one('SET', key, value),
      get: (/** @type {string} */ key) => one('GET', key),
      async sequence(/** @type {string} */ key) {
        await one('SET', key, '1');
        await one('GET', key);
        return await one('DEL', key);
      },
      pipeline: () => Promise.all([one('SET', 'p1', '1'), one('SET', 'p2', '2'), one('SET', 'p3', '3')]),
      parallel: () => Promise.all([one('SET', 'p1', '1'), two('SET', 'p2', '2'), one('SET', 'p3', '3')]),
      /** Two branches of two operations each: the second of the first begins when the first is answered. */
      async branches() {
        const branch = async (/** @type {typeof one} */ send, /** @type {string} */ name) => {
          await send('SET', `${name}1`, '1');
          await send('SET', `${name}2`, '2');
        };
        await Promise.all([branch(one, 'x'), branch(two, 'y')]);
      },
      forget() {
        void one('SET', 'forgotten1', '1').then(() => one('SET', 'forgotten2', '2'));
        return 'gone ahead';
      },
      pop: (/** @type {string} */ key) => one('BLPOP', key, '0'),
      async popThenSet(/** @type {string} */ key) {
        await one('BLPOP', key, '0');
        return await one('SET', `${key}2`, '1');
      },
      push: (/** @type {string} */ key) => two('RPUSH', key, 'x'),
      async log() {
        console.error('an error of %s', 'console');
        console.warn('a warning');
        console.log('a line');
        console.debug('a detail');
        process.stderr.write('[Workflow] a line of the runtime\n{"level":50,"msg":"pino"}\n');
        process.stdout.write('2026-01-01 workflow:runtime:info hello\n');
        await one('SET', 'log', '1');
        console.error('after the gate');
      },
      fail(/** @type {string} */ kind) {
        if (kind === 'wrapped') {
          const refused = Object.assign(new Error('connect ECONNREFUSED ::1:5432'), { code: 'ECONNREFUSED' });
          throw new Error('Failed query', { cause: new AggregateError([refused, new Error('the other address')]) });
        }
        if (kind === 'typed') {
          const cause = Object.assign(new Error('below'), { code: '23505' });
          throw Object.assign(new Error('refused', { cause }), { name: 'EntityConflictError', status: 409, code: 'X1' });
        }
        if (kind === 'early') {
          const retryAfter = new Date(Date.now() + 5000);
          throw Object.assign(new Error('later'), { name: 'TooEarlyError', retryAfter });
        }
        throw kind; // a text, as some libraries do
      },
      unhandled() {
        void Promise.reject(new Error('nobody looks'));
        setTimeout(() => {
          throw new Error('nobody catches');
        });
        return new Promise((resolve) => setTimeout(resolve, 20));
      },
      chance: () => [Math.random(), randomUUID(), randomBytes(4), crypto.getRandomValues(new Uint8Array(4)), new Date(), Date.now()],
      cyclic() {
        /** @type {any} */
        const value = {};
        value.self = value;
        return value;
      },
      async files() {
        const file = path.join(folder, 'a.txt');
        await fs.writeFile(file, 'one');
        await Promise.all([fs.readFile(file), fs.readdir(folder)]);
        const handle = await fs.open(file, 'a');
        await handle.write('two');
        await handle.close();
        writeFileSync(`${file}.sync`, 'three');
        await fs.rename(file, `${file}.moved`);
        return readFileSync(`${file}.moved`, 'utf8');
      },
      spin() {
        for (;;);
      },
      exit: (/** @type {number} */ status) => process.exit(status),
    },
  };
}
