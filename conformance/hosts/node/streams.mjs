// @ts-check
/**
 * Streams of a World, under one name for both lines: line 4.x has `writeToStream(name, run, …)`, line 5.x
 * `streams.write(run, name, …)`. Chunks are texts on the wire.
 */

/** @type {Record<string, [string, string]>} operation -> its method in line 4.x, and in `streams` of line 5.x */
const METHODS = {
  'stream.write': ['writeToStream', 'write'],
  'stream.close': ['closeStream', 'close'],
  'stream.read': ['readFromStream', 'get'],
  'stream.chunks': ['getStreamChunks', 'getChunks'],
};

/**
 * Perform an operation on a stream: its name, its run, and a chunk, or where reading starts and for how many
 * milliseconds it waits for the next chunk.
 * @param {any} world @param {string} op @param {any[]} args
 */
export async function performStream(world, op, [name, run, ...rest]) {
  const [old, method] = METHODS[op];
  const holder = typeof world.streams?.[method] === 'function' ? world.streams : world;
  const called = holder === world ? old : method;
  if (typeof holder[called] !== 'function') {
    throw Object.assign(new Error(`the World has no ${op}`), { name: 'NotImplemented', code: 'NOT_IMPLEMENTED' });
  }
  const about = holder === world ? [name, run] : [run, name];
  if (op === 'stream.read') {
    const [start, limit] = rest;
    const stream = await (holder === world ? holder[called](name, start) : holder[called](run, name, start));
    return await readAll(stream, limit);
  }
  const answer = await holder[called](...about, ...rest);
  if (op !== 'stream.chunks') return {};
  return { chunks: answer.data.map((/** @type {any} */ chunk) => text(chunk.data)), done: answer.done === true };
}

/** @param {any} chunk */
function text(chunk) {
  return typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
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
