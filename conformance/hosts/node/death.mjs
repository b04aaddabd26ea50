// @ts-check
/**
 * Soft death: the World of this process ends as if the process was killed, and the process lives on.
 *
 * Its sockets are closed, as the system closes those of a killed process. Its code is not told: what it waits for never
 * comes, its timers never fire, and what it still does (writes, connections, log lines) is refused. Then another
 * instance can be made from a fresh copy of the package's own modules.
 *
 * That is a death only for a World whose effects all go through sockets, or through files where those are its gates
 * (`dead-files.mjs`). What is seen of it decides: see `obstacle`.
 */
import childProcess from 'node:child_process';
import dgram from 'node:dgram';
import fs from 'node:fs';
import module, { createRequire, syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import path from 'node:path';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import workers from 'node:worker_threads';
import { backgroundOf, end, isDead, owner } from './calls.mjs';

/** So many instances of a World in one process: the modules of the dead ones are never freed. */
const MOST_LIVES = 50;
/** Turns of the event loop in which code that could go on when its World died comes to its end. */
const LAST_TURNS = 3;

/** What changes files, by the beginning of its name. */
const WRITES = /^(?:write|append|mkdir|mkdtemp|rename|rm|unlink|copyFile|cp|link|symlink|truncate)/;
/** What a native add-on calls to do more than compute: I/O, threads, processes, work beside the event loop. */
const SYSTEM = [
  ...['socket', 'connect', 'send', 'sendto', 'sendmsg', 'write', 'writev', 'pwrite', 'pwrite64', 'open', 'open64'],
  ...['openat', 'fopen', 'fopen64', 'fork', 'vfork', 'execve', 'execvp', 'posix_spawn', 'popen', 'system', 'syscall'],
  ...['mmap', 'mmap64', 'shm_open', 'dlopen', 'dlsym', 'pthread_create', 'thrd_create', 'napi_create_async_work'],
  ...['napi_create_threadsafe_function', 'uv_queue_work', 'uv_default_loop', 'napi_get_uv_event_loop'],
];

/** What was seen that a soft death would not end. */
let seen = '';
let lives = 1;
/** The folder of the package, as the beginning of its files' addresses. */
let folder = '';
/** @type {Set<net.Socket>} */
const sockets = new Set();
/** Loaded where the World's gates are files. @type {typeof import('./dead-files.mjs') | undefined} */
let files;
/** Timers of the World that may still fire. @type {Set<any>} */
const pending = new Set();
/** What was there before the World: names of globals, the environment, listeners of the process. */
const before = {
  /** @type {Set<string | symbol>} */ globals: new Set(),
  /** @type {NodeJS.ProcessEnv} */ env: {},
  /** @type {Map<string | symbol, Set<Function>>} */ listeners: new Map(),
};

/** Globals of its dependencies that cannot be taken back, as they were when it was first open. @type {Map<any, unknown>} */
const lasting = new Map();

/** Names of globals that were not there before the World. */
function made() {
  return Reflect.ownKeys(globalThis).filter((key) => !before.globals.has(key));
}

/** The World is open: what its dependencies have made by now stays, as they do. */
export function opened() {
  if (lives > 1) return;
  for (const key of made()) {
    const { configurable } = /** @type {PropertyDescriptor} */ (Reflect.getOwnPropertyDescriptor(globalThis, key));
    if (!configurable) lasting.set(key, Reflect.get(globalThis, key));
  }
}

/** Why the World of this process cannot die softly; empty when it can. */
export function obstacle() {
  if (lives >= MOST_LIVES) return `there were ${lives} instances in this process`;
  return seen;
}

/** @param {string} what */
function see(what) {
  seen ||= what;
}

/**
 * Look at what the World does from now on. Called before it is imported, and before its gates are put in place.
 * @param {{gates?: string[], shared?: boolean, runtime?: {root: string}}} world @param {number} actors @param {string} at
 *   the package's folder
 */
export async function watch(world, actors, at) {
  folder = `${pathToFileURL(at).href}/`;
  if (actors !== 1 || world.shared) see('its process holds several actors');
  const gates = world.gates ?? ['net'];
  if (gates.some((gate) => gate !== 'net' && gate !== 'fs')) see('not all of its I/O goes through sockets or files');
  if (typeof module.registerHooks !== 'function') see('this Node cannot load a module twice');
  if (seen) return;
  watchNatives();
  watchOthers();
  if (gates.includes('fs')) {
    watchNumbers(world.runtime?.root);
    await (files = await import('./dead-files.mjs')).patch();
  } else {
    watchFiles();
  }
  watchSockets();
  watchTimers();
  syncBuiltinESMExports();
  module.registerHooks({ resolve: resolveAnew });
  const now = present();
  for (const key of now.globals.keys()) before.globals.add(key);
  before.env = now.env;
  before.listeners = now.listeners;
}

/** What there is in the process: globals, the environment, listeners. */
function present() {
  /** @type {any} */
  const globals = globalThis;
  return {
    globals: new Map(Reflect.ownKeys(globalThis).map((key) => [key, globals[key]])),
    env: { ...process.env },
    listeners: new Map(process.eventNames().map((event) => [event, new Set(process.rawListeners(event))])),
  };
}

/**
 * Make what is not of the World, and stays when it dies: the runtime over it.
 * @template {{inline: boolean}} T @param {() => Promise<T>} make @returns {Promise<T>}
 */
export async function apart(make) {
  const was = present();
  const made = await make();
  const is = present();
  for (const [key, value] of is.globals) if (was.globals.get(key) !== value) before.globals.add(key);
  for (const [name, value] of Object.entries(is.env)) if (was.env[name] !== value) before.env[name] = value;
  for (const [event, listeners] of is.listeners) {
    const stay = before.listeners.get(event) ?? new Set();
    for (const one of listeners) if (!was.listeners.get(event)?.has(one)) stay.add(one);
    before.listeners.set(event, stay);
  }
  if (made.inline) see('its runtime keeps in the process what a dead delivery had begun');
  return made;
}

/**
 * A module that a fresh copy of the package imports from itself is a fresh copy, too.
 * @param {string} specifier @param {any} context @param {any} next
 */
function resolveAnew(specifier, context, next) {
  const found = next(specifier, context);
  const life = /[?&]life=\d+/.exec(context.parentURL ?? '')?.[0].slice(1);
  const own = found.url.startsWith(folder) && !found.url.slice(folder.length).includes('node_modules/');
  return life && own && !found.url.includes('?') ? { ...found, url: `${found.url}?${life}` } : found;
}

/** The ending of the address of a module, for the instance that is made next. */
export function copy() {
  return lives === 1 ? '' : `?life=${lives}`;
}

/**
 * End the World of an actor. `then` is called when nothing of it can run any more.
 * @param {import('./calls.mjs').ActorState} actor @param {() => void} then
 */
export function die(actor, then) {
  lives++;
  end(actor);
  for (const timer of pending) clearTimeout(timer);
  pending.clear();
  // The callbacks of writes on their way are called in this context.
  backgroundOf(actor).run(() => {
    for (const socket of sockets) {
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.destroy();
    }
  });
  sockets.clear();
  forget();
  const turn = (/** @type {number} */ left) => {
    if (files?.busy()) return void setImmediate(turn, LAST_TURNS);
    if (left > 0) return void setImmediate(turn, left - 1);
    if (files === undefined) then();
    else void files.closeAll().then(then);
  };
  turn(LAST_TURNS);
}

/** Take back what the World left in the process. */
function forget() {
  for (const key of made()) {
    const stays = !Reflect.deleteProperty(globalThis, key) && lasting.get(key) !== Reflect.get(globalThis, key);
    if (stays) see(`it made a global that stays (${String(key)})`);
  }
  for (const name of Object.keys(process.env)) if (!(name in before.env)) delete process.env[name];
  Object.assign(process.env, before.env);
  for (const event of process.eventNames()) {
    for (const listener of process.rawListeners(event)) {
      if (!before.listeners.get(event)?.has(listener)) process.removeListener(event, /** @type {any} */ (listener));
    }
  }
  const { cache } = createRequire(import.meta.url);
  for (const file of Object.keys(cache)) {
    const at = pathToFileURL(file).href;
    if (at.startsWith(folder) && !at.slice(folder.length).includes('node_modules/')) delete cache[file];
  }
}

function watchNatives() {
  const { dlopen } = process;
  process.dlopen = /** @type {any} */ (
    (/** @type {any} */ target, /** @type {string} */ file, /** @type {any[]} */ ...rest) => {
      if (!computesOnly(file)) see(`it loads a native add-on (${path.basename(file)})`);
      return /** @type {any} */ (dlopen).call(process, target, file, ...rest);
    }
  );
}

/** Whether a native add-on asks the system for nothing but memory. @param {string} file */
function computesOnly(file) {
  try {
    const binary = fs.readFileSync(file).toString('latin1');
    return binary.startsWith('\x7fELF') && !SYSTEM.some((name) => binary.includes(`${name}\0`));
  } catch {
    return false;
  }
}

/** Other processes, threads, datagrams and servers. */
function watchOthers() {
  note(childProcess, ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork'], 'it starts processes');
  note(dgram, ['createSocket'], 'it sends datagrams');
  note(net.Server.prototype, ['listen'], 'it listens for connections');
  workers.Worker = new Proxy(workers.Worker, {
    construct(target, args, newTarget) {
      see('it starts threads');
      return Reflect.construct(target, args, newTarget);
    },
  });
}

/**
 * A number of a process says who holds a lock, and whether that process lives: here it lives on. The runtime looks for
 * its port by it.
 * @param {string} [root] where the runtime is installed
 */
function watchNumbers(root) {
  const { pid } = process;
  const get = () => {
    const asks = owner() === undefined ? '' : (new Error().stack?.split('\n')[2] ?? '');
    if (asks !== '' && !(root && asks.includes(`${root}/`))) see('it looks at the numbers of processes');
    return pid;
  };
  Object.defineProperty(process, 'pid', { get, enumerable: true, configurable: true });
  note(process, ['kill'], 'it looks at the numbers of processes');
}

function watchFiles() {
  for (const holder of /** @type {any[]} */ ([fs, fs.promises])) {
    note(holder, Object.keys(holder).filter((name) => WRITES.test(name) && !/^writev?(?:Sync)?$/.test(name)), 'it writes files');
    for (const name of ['open', 'openSync']) {
      const open = holder[name];
      if (typeof open !== 'function') continue;
      holder[name] = function (/** @type {any[]} */ ...args) {
        if (typeof args[1] !== 'function' && args[1] !== undefined && args[1] !== 'r' && args[1] !== fs.constants.O_RDONLY) {
          see('it writes files');
        }
        return open.apply(this, args);
      };
    }
  }
}

/** See that one of these functions is called. @param {any} holder @param {string[]} names @param {string} what */
function note(holder, names, what) {
  for (const name of names) {
    const original = holder[name];
    if (typeof original !== 'function') continue;
    holder[name] = function (/** @type {any[]} */ ...args) {
      see(what);
      return original.apply(this, args);
    };
    for (const key of Object.getOwnPropertySymbols(original)) holder[name][key] = original[key];
  }
}

/** Know every connection; whoever is dead makes none, and writes to none. */
function watchSockets() {
  /** @type {any} */
  const prototype = net.Socket.prototype;
  const { connect, _writeGeneric: write } = prototype;
  prototype.connect = function (/** @type {any[]} */ ...args) {
    if (isDead()) return this;
    sockets.add(this);
    this.once('close', () => sockets.delete(this));
    return connect.apply(this, args);
  };
  // The arguments are named: every write comes through here.
  prototype._writeGeneric = function (
    /** @type {boolean} */ writev,
    /** @type {any} */ data,
    /** @type {BufferEncoding} */ encoding,
    /** @type {(error?: Error | null) => void} */ done,
  ) {
    if (isDead() || this.destroyed) return; // to a closed connection nothing goes, and nobody is told
    return write.call(this, writev, data, encoding, done);
  };
}

/** Timers that the World sets are known, so that they can be cleared; whoever is dead sets none. */
function watchTimers() {
  for (const name of /** @type {const} */ (['setTimeout', 'setInterval'])) {
    /** @type {any} */
    const original = timers[name];
    /** @type {any} */
    const patched = (/** @type {any} */ code, /** @type {any[]} */ ...rest) => {
      const whose = owner();
      if (whose === undefined || typeof code !== 'function') return original(code, ...rest);
      const timer = original((/** @type {any[]} */ ...args) => {
        if (name === 'setTimeout') pending.delete(timer);
        code(...args);
      }, ...rest);
      if (whose.dead) timers.clearTimeout(timer);
      else pending.add(timer);
      return timer;
    };
    for (const key of Object.getOwnPropertySymbols(original)) patched[key] = original[key];
    timers[name] = patched;
    globalThis[name] = patched;
  }
  const wait = timersPromises.setTimeout;
  /** @type {any} */ (timersPromises).setTimeout = async (/** @type {any[]} */ ...args) => {
    const whose = owner();
    const value = await wait(...args);
    return whose?.dead ? new Promise(() => {}) : value;
  };
}
