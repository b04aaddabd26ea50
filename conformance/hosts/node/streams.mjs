// @ts-check
/**
 * Streams of a World, under one name for both lines: line 4.x has `writeToStream(name, run, …)`, line 5.x
 * `streams.write(run, name, …)`. Chunks are texts on the wire.
 */
import { currentCall, shared } from './calls.mjs';
import { cancelReader, openReader, passTime, readOn, text } from './readers.mjs';

/** @type {Record<string, [string, string]>} operation -> its method in line 4.x, and in `streams` of line 5.x */
const METHODS = {
  'stream.write': ['writeToStream', 'write'],
  'stream.close': ['closeStream', 'close'],
  'stream.read': ['readFromStream', 'get'],
  'stream.open': ['readFromStream', 'get'],
  'stream.chunks': ['getStreamChunks', 'getChunks'],
};

/** What is done with a reader that is open. @type {Record<string, (name: string, reader: string, limit: number) => Promise<any>>} */
const OF_READERS = { 'stream.poll': passTime, 'stream.rest': readOn, 'stream.cancel': cancelReader };

/**
 * Perform an operation on a stream: its name, its run, and a chunk, or where reading starts, and for how many
 * milliseconds it waits for the next chunk or what its reader is called. On a reader: its stream, what it is
 * called, and for how many milliseconds it waits.
 * @param {any} world @param {string} op @param {any[]} args
 */
export async function performStream(world, op, [name, run, ...rest]) {
  if (op in OF_READERS) return await OF_READERS[op](name, run, rest[0]);
  const [old, method] = METHODS[op] ?? [];
  const holder = typeof world.streams?.[method] === 'function' ? world.streams : world;
  const called = holder === world ? old : method;
  if (typeof holder[called] !== 'function') {
    throw Object.assign(new Error(`the World has no ${op}`), { name: 'NotImplemented', code: 'NOT_IMPLEMENTED' });
  }
  const about = holder === world ? [name, run] : [run, name];
  if (op === 'stream.read' || op === 'stream.open') {
    const [start, more] = rest;
    const read = () => (holder === world ? holder[called](name, start) : holder[called](run, name, start));
    if (op === 'stream.open') return await openReader(read, name, more);
    return await readAll(await read(), more);
  }
  const call = currentCall();
  if (call !== undefined && shared() && op !== 'stream.chunks') call.also = (described) => heard(described, name);
  const answer = await holder[called](...about, ...rest);
  if (op !== 'stream.chunks') return {};
  return { chunks: answer.data.map((/** @type {any} */ chunk) => text(chunk.data)), done: answer.done === true };
}

/**
 * What a writer changes, in a process where readers are told of it in the order in which it is done: not only the
 * rows that it names.
 * @param {import('./calls.mjs').Description} described @param {string} name
 */
function heard({ label, access, keys, statements }, name) {
  if (access === 'read' || keys.length === 0) return { label, access, keys, statements };
  return { label, access, keys: [...keys, `@readers ${name}`] };
}

/** Read to the end, or until no chunk has come for so long. @param {ReadableStream} stream @param {number} limit */
async function readAll(stream, limit) {
  const reader = stream.getReader();
  /** @type {string[]} */
  const chunks = [];
  for (;;) {
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, limit, undefined)));
    const next = /** @type {any} */ (await Promise.race([reader.read(), late]));
    clearTimeout(timer);
    if (next === undefined) void reader.cancel().catch(() => {});
    if (next === undefined || next.done) return { chunks, done: next !== undefined };
    chunks.push(text(next.value));
  }
}
