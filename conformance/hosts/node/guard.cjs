// @ts-check
/**
 * Which connections a World may make. Loaded with `--require` before anything else of the process, so it is there in worker
 * threads and in Node programs that the process starts.
 *
 * `WORLD_CONNECTS` is a JSON array: `"host:port"`, `"host:*"`, `"[::1]:port"`, or the path of a Unix socket. Every name of
 * this machine is one host. A server of this very process may be connected to. What is not named is refused before
 * anything is sent: the message `refused` goes to the engine, and the process ends.
 */
'use strict';
const dgram = require('node:dgram');
const dns = require('node:dns');
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');
const net = require('node:net');
const os = require('node:os');
const { isMainThread } = require('node:worker_threads');

const LOOPBACK = /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|0\.0\.0\.0|::1?|(?:::ffff:)?127(?:\.\d+){3}|ip6-localhost|ip6-loopback)$/i;
/** The status of a process that wanted to go where it must not. */
const STATUS = 77;

const wanted = process.env.WORLD_CONNECTS;
// Worker threads have a copy of the environment, and the pipe; other processes have the first alone.
if (process.env.WORLD_HOST_OUT) process.env.WORLD_REFUSED_OUT = `${process.pid}:${process.env.WORLD_HOST_OUT}`;
const [owner, out] = (process.env.WORLD_REFUSED_OUT ?? '').split(':');

/** A host by one name, however it was written. @param {string} host */
function named(host) {
  const plain = host.replace(/^\[|\]$/g, '').replace(/\.$/, '').toLowerCase();
  return LOOPBACK.test(plain) ? 'localhost' : plain;
}

/** @param {string} host @param {number | string} port */
const address = (host, port) => `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Ports and paths that servers of this process listen on. @type {Set<string>} */
const own = new Set();
/** @type {Set<string>} `host:port` or a path */
const allowed = new Set();
/** Hosts whose names may be looked up. @type {Set<string>} */
const hosts = new Set(['localhost', named(os.hostname())]);

/** @param {string[]} list */
function allow(list) {
  for (const entry of list) {
    const at = entry.lastIndexOf(':');
    if (entry.startsWith('/') || at < 0) {
      allowed.add(entry);
      continue;
    }
    const host = named(entry.slice(0, at));
    hosts.add(host);
    allowed.add(`${host}:${entry.slice(at + 1)}`);
  }
}

/** The addresses that the name of an allowed host was found to have are that host. @param {string} name @param {any} found */
function learn(name, found) {
  for (const each of [found].flat()) {
    const ip = typeof each === 'string' ? each : each?.address;
    if (typeof ip !== 'string' || net.isIP(ip) === 0) continue;
    const host = named(name);
    for (const entry of [...allowed]) {
      if (entry.startsWith(`${host}:`)) allowed.add(`${named(ip)}:${entry.slice(host.length + 1)}`);
    }
    hosts.add(named(ip));
  }
}

/** @param {string} what where it wanted to go, in words @param {string} [how] */
function refuse(what, how = 'connect') {
  const line = JSON.stringify({ type: 'refused', address: what, how });
  try {
    if (owner !== String(process.pid)) fs.writeSync(2, `refused: this program wanted to ${how} to ${what}\n`);
    else fs.writeSync(Number(out), `${line}\n`);
  } finally {
    // In a worker thread `exit` ends that thread alone.
    if (!isMainThread) process.kill(process.pid, 'SIGKILL');
    process.exit(STATUS);
  }
}

/** @param {string} host @param {number | string} port */
function mayReach(host, port) {
  const name = named(host);
  if (name === 'localhost' && own.has(String(port))) return true;
  return allowed.has(`${name}:${port}`) || allowed.has(`${name}:*`);
}

/** @param {string} name of a host, or of a service record below it */
function mayLookUp(name) {
  const host = named(name);
  if (net.isIP(host) !== 0 || hosts.has(host)) return true;
  return [...hosts].some((each) => each.includes('.') && host.endsWith(`.${each}`) && /^_/.test(host));
}

/** What `net.Socket.connect` was asked for, in any of its forms. @param {any[]} args */
function target(args) {
  const first = Array.isArray(args[0]) ? args[0][0] : args[0];
  if (typeof first === 'object' && first !== null) return { path: first.path, host: first.host, port: first.port };
  if (typeof first === 'string' && !/^\d+$/.test(first)) return { path: first };
  return { port: first, host: typeof args[1] === 'string' ? args[1] : undefined };
}

function patchSockets() {
  /** @type {any} */
  const socket = net.Socket.prototype;
  const connect = socket.connect;
  socket.connect = function (/** @type {any[]} */ ...args) {
    const { path, host, port } = target(args);
    if (typeof path === 'string' && path !== '') {
      if (!allowed.has(path) && !own.has(path)) refuse(path);
    } else if (!mayReach(host ?? 'localhost', port)) refuse(address(host ?? 'localhost', port));
    return connect.apply(this, args);
  };

  /** @type {any} */
  const server = net.Server.prototype;
  const listen = server.listen;
  server.listen = function (/** @type {any[]} */ ...args) {
    this.once('listening', () => {
      const at = this.address();
      own.add(typeof at === 'string' ? at : String(at?.port));
    });
    return listen.apply(this, args);
  };
}

function patchDatagrams() {
  /** @type {any} */
  const socket = dgram.Socket.prototype;
  const { send, connect } = socket;
  socket.connect = function (/** @type {any[]} */ ...args) {
    const host = typeof args[1] === 'string' ? args[1] : 'localhost';
    if (!mayReach(host, args[0])) refuse(address(host, args[0]), 'send');
    return connect.apply(this, args);
  };
  socket.send = function (/** @type {any[]} */ ...args) {
    // send(msg, [offset, length,] [port] [, address] [, callback]): a connected socket has neither.
    const numbers = args.slice(1).filter((each) => typeof each === 'number');
    const port = numbers.length === 1 || numbers.length === 3 ? numbers.at(-1) : undefined;
    const host = args.slice(1).find((each) => typeof each === 'string') ?? 'localhost';
    if (port !== undefined && !mayReach(host, port)) refuse(address(host, port), 'send');
    return send.apply(this, args);
  };
}

function patchNames() {
  const names = Object.keys(dns).filter((name) => /^(?:lookup|resolve\w*|reverse)$/.test(name));
  /** @param {any} holder @param {boolean} promised */
  const patch = (holder, promised) => {
    for (const name of names) {
      const original = holder[name];
      if (typeof original !== 'function') continue;
      holder[name] = function (/** @type {any[]} */ ...args) {
        const [wantedName] = args;
        if (typeof wantedName === 'string' && wantedName !== '' && !mayLookUp(wantedName)) refuse(wantedName, 'look up');
        if (promised) {
          const found = original.apply(this, args);
          found.then((/** @type {any} */ each) => learn(wantedName, each), () => {});
          return found;
        }
        const done = args.at(-1);
        if (typeof done === 'function') {
          args[args.length - 1] = (/** @type {any} */ error, /** @type {any[]} */ ...rest) => {
            if (!error) learn(wantedName, rest[0]);
            done(error, ...rest);
          };
        }
        return original.apply(this, args);
      };
      // `util.promisify(dns.lookup)` gives its own answer, of the same function.
      for (const key of Object.getOwnPropertySymbols(original)) holder[name][key] = original[key];
    }
  };
  patch(dns, false);
  patch(dns.promises, true);
  patch(dns.Resolver.prototype, false);
  patch(dns.promises.Resolver.prototype, true);
}

if (wanted !== undefined) {
  allow(JSON.parse(wanted));
  patchSockets();
  patchDatagrams();
  patchNames();
  syncBuiltinESMExports();
}
