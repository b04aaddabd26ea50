// @ts-check
/** Values as the runtime of the SDK stores them: `devl` and the text of devalue, as bytes. */

const PREFIX = 'devl';

/** A value as it is sent. @param {any} value @returns {Buffer} */
export function asStored(value) {
  /** @type {any[]} */
  const flat = [];
  flatten(value, flat);
  return Buffer.from(PREFIX + JSON.stringify(flat));
}

/** @param {any} value @param {any[]} flat @returns {number} its place */
function flatten(value, flat) {
  const place = flat.push(value) - 1;
  if (Array.isArray(value)) flat[place] = value.map((item) => flatten(item, flat));
  else if (value !== null && typeof value === 'object') {
    flat[place] = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, flatten(item, flat)]));
  }
  return place;
}

/** An answer with every value in it that was stored read back. @param {any} value @returns {any} */
export function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Uint8Array) return read(value);
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

/** What is not of that form stays as it is. @param {Uint8Array} bytes @returns {any} */
function read(bytes) {
  const text = Buffer.from(bytes).toString();
  if (!text.startsWith(PREFIX)) return bytes;
  try {
    const flat = JSON.parse(text.slice(PREFIX.length));
    return Array.isArray(flat) ? at(flat, 0) : bytes;
  } catch {
    return bytes;
  }
}

/** @param {any[]} flat @param {number} place @returns {any} */
function at(flat, place) {
  if (place < 0 || place >= flat.length) throw new RangeError('a value that JSON lacks');
  const item = flat[place];
  if (Array.isArray(item)) return item.map((each) => at(flat, each));
  if (item === null || typeof item !== 'object') return item;
  return Object.fromEntries(Object.entries(item).map(([key, each]) => [key, at(flat, each)]));
}
