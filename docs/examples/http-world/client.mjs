// @ts-check
/** A World whose every operation is one request: POST /OBJECT/OPERATION with its arguments as JSON. */

/** What JSON lacks, by a tag. @param {any} value @returns {any} */
function pack(value) {
  if (value instanceof Date) return { $date: value.toISOString() };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(pack);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, pack(item)]));
}

/** @param {any} value @returns {any} */
function unpack(value) {
  if (Array.isArray(value)) return value.map(unpack);
  if (value === null || typeof value !== 'object') return value;
  if (typeof value.$date === 'string') return new Date(value.$date);
  if (typeof value.$bytes === 'string') return new Uint8Array(Buffer.from(value.$bytes, 'base64'));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unpack(item)]));
}

const OPERATIONS = {
  events: ['create', 'list'],
  runs: ['get'],
  steps: ['get', 'list'],
  hooks: ['get', 'getByToken', 'list'],
};

/** @param {{url: string}} options */
export function createWorld({ url }) {
  /** @param {string} path @param {any[]} args */
  async function ask(path, args) {
    const answer = await fetch(`${url}/${path}`, { method: 'POST', body: JSON.stringify(pack(args)) });
    const { value, error } = unpack(await answer.json());
    // The runtime knows a refusal by its status (or by its class), so the bridge must hand it on.
    if (error) throw Object.assign(new Error(error.message), { name: error.name, status: error.status });
    return value;
  }
  /** @type {Record<string, any>} */
  const world = { queue: (/** @type {any[]} */ ...args) => ask('queue', args) };
  for (const [object, names] of Object.entries(OPERATIONS)) {
    world[object] = {};
    for (const name of names) {
      world[object][name] = (/** @type {any[]} */ ...args) => ask(`${object}/${name}`, args);
    }
  }
  return world;
}
