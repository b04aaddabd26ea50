// @ts-check
/**
 * A World that is little more than a queue: messages are files of a directory that several processes share.
 * It does everything right, or one thing wrong, named by its option `way`.
 */
import fs from 'node:fs';
import path from 'node:path';

/** @typedef {{id: string, name: string, payload: any, attempt: number, due: number, key?: string, lost?: number}} Message */

const POLL = 20;
const RETRY = 100;

/** @param {{directory: string, way?: string}} options */
export function createWorld({ directory, way = 'right' }) {
  const at = (/** @type {string[]} */ ...names) => path.join(directory, ...names);
  for (const folder of ['ready', 'taken', 'keys']) fs.mkdirSync(at(folder), { recursive: true });
  let count = 0;
  /** The keys of this process alone, for the way that looks no further. @type {Set<string>} */
  const own = new Set();

  /** @param {Message} message */
  function put(message) {
    const temporary = at(`${process.pid}-${message.id}.tmp`);
    fs.writeFileSync(temporary, JSON.stringify(message));
    fs.renameSync(temporary, at('ready', `${message.id}.json`));
  }

  /** Whether a message with this key is under way. @param {string | undefined} key */
  function known(key) {
    if (key === undefined || way === 'ignores-keys') return false;
    if (way === 'keys-of-one-process') {
      if (own.has(key)) return true;
      own.add(key);
      return false;
    }
    try {
      fs.closeSync(fs.openSync(at('keys', key), 'wx'));
      return false;
    } catch {
      return true;
    }
  }

  /** @param {Message} message */
  function done(message) {
    if (message.key === undefined) return;
    own.delete(message.key);
    fs.rmSync(at('keys', message.key), { force: true });
  }

  /** @param {Message} message @param {string} file */
  async function deliver(message, file) {
    const kind = message.name.startsWith('__wkf_step_') !== (way === 'wrong-endpoint') ? 'step' : 'flow';
    const response = await fetch(`http://localhost:${process.env.PORT}/.well-known/workflow/v1/${kind}`, {
      method: 'POST',
      headers: {
        'x-vqs-queue-name': message.name,
        'x-vqs-message-id': message.id,
        'x-vqs-message-attempt': String(way === 'does-not-count' ? 1 : message.attempt),
      },
      body: JSON.stringify(way === 'changes-payload' ? { ...message.payload, more: 1 } : message.payload),
    }).catch(() => undefined);
    const said = response?.ok ? await response.json() : {};
    const again = said.timeoutSeconds;
    if (!response?.ok) {
      const gone = way === 'never-again' || (way === 'gives-up' && message.attempt >= 3);
      if (gone) done(message);
      else put({ ...message, attempt: message.attempt + 1, due: Date.now() + RETRY });
    } else if (again === undefined || (again === 0 && way === 'swallows-zero') || way === 'swallows-timeouts') {
      done(message);
    } else {
      put({ ...message, due: way === 'early' ? Date.now() : Date.now() + again * 1000 });
    }
    fs.rmSync(file, { force: true });
  }

  /** Messages of processes that are no more. */
  function recover() {
    for (const name of fs.readdirSync(at('taken'))) {
      const [owner] = name.split('-');
      if (alive(Number(owner))) continue;
      const mine = at(`${process.pid}-${name}.tmp`);
      try {
        fs.renameSync(at('taken', name), mine);
      } catch {
        continue; // another process was faster
      }
      const message = JSON.parse(fs.readFileSync(mine, 'utf8'));
      const lost = (message.lost ?? 0) + 1;
      if (way !== 'retires-after-losses' || lost < 3) put({ ...message, lost });
      fs.rmSync(mine);
    }
  }

  /** @param {number} id */
  function alive(id) {
    try {
      return process.kill(id, 0);
    } catch {
      return false;
    }
  }

  function poll() {
    if (way !== 'forgets-the-dead') recover();
    for (const name of fs.readdirSync(at('ready'))) {
      const taken = at('taken', `${process.pid}-${name}`);
      try {
        const message = JSON.parse(fs.readFileSync(at('ready', name), 'utf8'));
        if (message.due > Date.now()) continue;
        fs.renameSync(at('ready', name), taken);
        void deliver(message, taken);
      } catch {
        continue; // another process was faster
      }
    }
  }

  /** @param {string} prefix @param {(payload: any, about: any) => Promise<any>} handler */
  const createQueueHandler = (prefix, handler) => async (/** @type {Request} */ request) => {
    const queueName = request.headers.get('x-vqs-queue-name') ?? '';
    if (!queueName.startsWith(prefix) && way !== 'wrong-endpoint') return new Response('not mine', { status: 400 });
    const messageId = request.headers.get('x-vqs-message-id');
    const attempt = Number(request.headers.get('x-vqs-message-attempt'));
    try {
      const result = await handler(await request.json(), { queueName, messageId, attempt });
      return Response.json(result ?? {});
    } catch (error) {
      return new Response(String(error), { status: 500 });
    }
  };

  return {
    createQueueHandler,
    getDeploymentId: async () => 'toy',
    /** @param {string} name @param {any} payload @param {{idempotencyKey?: string, delaySeconds?: number}} options */
    async queue(name, payload, { idempotencyKey: key, delaySeconds = 0 } = {}) {
      const id = `msg_${process.pid}x${++count}`;
      if (way === 'refuses' && count % 3 === 0) throw new Error('the queue is full');
      if (known(key)) return { messageId: null };
      if (way === 'drops-every-third' && count % 3 === 0) return { messageId: id };
      put({ id, name, payload, attempt: 1, due: Date.now() + (way === 'no-delay' ? 0 : delaySeconds * 1000), key });
      return { messageId: id };
    },
    events: {
      create: async (/** @type {string | null} */ runId) => ({
        run: { runId: runId ?? `wrun_TOY${process.pid}x${++count}`, status: 'running', startedAt: new Date() },
      }),
    },
    async start() {
      setInterval(poll, POLL);
    },
  };
}
