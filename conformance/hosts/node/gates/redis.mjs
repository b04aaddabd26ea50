// @ts-check
/** RESP: what a write asks of Redis, and how many whole answers a chunk holds. */
import { accessOf, keysOf } from './redis-commands.mjs';

const CR = 13;
/** Commands that turn a connection into a listener: its traffic is no longer request and answer. */
const LISTEN = new Set(['subscribe', 'psubscribe', 'ssubscribe', 'monitor', 'sync', 'psync']);
const HANDSHAKE = new Set(['hello', 'auth', 'select', 'client', 'info', 'readonly', 'ping', 'quit', 'reset', 'command']);
/** How long a command is that a write is looked through for, and what it begins with. */
const NOTED = /* @__PURE__ */ new Set(
  /* @__PURE__ */ [...LISTEN, ...HANDSHAKE].map((name) => 256 * name.length + name.charCodeAt(0)),
);
/** Longer arguments are cut: they are read only for labels and keys. */
const LONGEST = 512;

/**
 * What a write is counted and let past by: the name of a command that is one of these, empty for any other. Most are
 * other ones, which can be told by their length and first letter.
 * @param {Buffer} data @param {number} from @param {number} to
 */
function noted(data, from, to) {
  return NOTED.has(256 * (to - from) + (data[from] | 32)) ? word(data, from, to) : '';
}

/** @param {Buffer} data @param {number} from @param {number} to */
function word(data, from, to) {
  return data.toString('utf8', from, to);
}

/**
 * The commands in one write, as words. An unfinished last command is left out.
 * @param {Buffer} data @param {number} [most] so many words of each; the others are passed over
 * @param {(data: Buffer, from: number, to: number) => string} [read] a word that stands there
 * @returns {string[][]}
 */
export function commands(data, most = Number.POSITIVE_INFINITY, read = word) {
  const found = [];
  let at = 0;
  /** @returns {number} the integer of the line at `at`, which is left behind */
  const number = () => {
    let value = 0;
    while (++at < data.length && data[at] !== CR) value = value * 10 + data[at] - 48;
    at += 2;
    return value;
  };
  while (at < data.length && data[at] === 42 /* * */) {
    const words = [];
    for (let left = number(); left > 0 && at < data.length; left--) {
      const length = number();
      if (words.length < most) words.push(read(data, at, at + Math.min(length, LONGEST)));
      at += length + 2;
    }
    if (at > data.length) break;
    words[0] = words[0].toLowerCase();
    found.push(words);
  }
  return found;
}

/**
 * Where the answer that begins at `at` ends, or -1 when it is not all here.
 * @param {Buffer} data @param {number} at @returns {number}
 */
export function endOfReply(data, at) {
  const kind = data[at];
  // The length that most begin with is read on the way to the end of the line; a minus makes it less than 0.
  let length = 0;
  let next = at + 1;
  for (; next < data.length && data[next] !== CR; next++) length = (length * 10 + data[next] - 48) | 0;
  next += 2;
  if (next > data.length) return -1;
  switch (kind) {
    case 36: // $ bulk string
    case 33: // ! bulk error
    case 61: // = verbatim string
      if (length < 0) return next;
      next += length + 2;
      return next > data.length ? -1 : next;
    case 42: // * array
    case 126: // ~ set
    case 62: // > push
    case 37: // % map
    case 124: // | attribute
      if (kind === 37 || kind === 124) length *= 2;
      for (; length > 0 && next >= 0; length--) next = next < data.length ? endOfReply(data, next) : -1;
      return next;
    default: // a line: + - : _ # , (
      return next;
  }
}

/** @param {string[]} words */
function label(words) {
  const [name, ...rest] = words;
  if (name === 'multi' || name === 'exec') return name.toUpperCase();
  const keys = keysOf(words);
  const shown = keys.length > 0 ? keys : rest.slice(0, 1);
  return [name.toUpperCase(), ...shown].join(' ');
}

/** @param {string[][]} asked @returns {import('../calls.mjs').Description} */
export function describe(asked) {
  const kinds = asked.map(accessOf).filter((access) => access !== null);
  const access = kinds.includes('unknown') ? 'unknown' : kinds.includes('write') ? 'write' : 'read';
  const keys = new Set();
  let known = true;
  for (const words of asked) {
    if (accessOf(words) === null) continue;
    const own = keysOf(words);
    if (own.length === 0) known = false;
    for (const key of own) keys.add(key);
  }
  // UNWATCH and DISCARD say something to their connection only. A lone EXEC does what was queued before it.
  const apart = kinds.length === 0 && !asked.some(([name]) => name === 'exec');
  return {
    label: asked.map(label).join(', '),
    access: kinds.length === 0 && !apart ? 'unknown' : access,
    keys: apart ? ['(connection)'] : known && access !== 'unknown' ? [...keys] : [],
  };
}

/** @type {import('./net.mjs').Protocol} */
export const redis = () => {
  let listening = false;
  /** @type {Buffer | null} */
  let rest = null;
  return {
    request(data) {
      let read = word;
      ENGINE: read = noted;
      const asked = commands(data, 1, read);
      if (asked.some((words) => LISTEN.has(words[0]))) listening = true;
      return {
        replies: listening ? 0 : asked.length,
        handshake: listening || asked.every((words) => HANDSHAKE.has(words[0])),
        describe: () => describe(commands(data)),
      };
    },
    replies(chunk) {
      if (listening) return 0;
      const data = rest === null ? chunk : Buffer.concat([rest, chunk]);
      let count = 0;
      let at = 0;
      while (at < data.length) {
        const end = endOfReply(data, at);
        if (end < 0) break;
        if (data[at] !== 62 && data[at] !== 124) count++;
        at = end;
      }
      rest = at < data.length ? Buffer.from(data.subarray(at)) : null;
      return count;
    },
  };
};
