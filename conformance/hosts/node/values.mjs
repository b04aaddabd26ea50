// @ts-check
/** Values as they go over the wire: tags for what JSON does not have. */

const MAX_DEPTH = 200;
const NativeDate = Date;

/**
 * Replace what JSON lacks by its tag. An object in which nothing is replaced is given back as it is: it is to be written down at once.
 * @param {any} value @param {number} [depth] @returns {any}
 */
export function encode(value, depth = 0) {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value !== 'object') return undefined;
  if (depth > MAX_DEPTH) throw new TypeError('a value is too deep, or holds itself, and cannot be sent');
  if (value instanceof NativeDate) {
    return Number.isNaN(value.getTime()) ? null : { $date: NativeDate.prototype.toISOString.call(value) };
  }
  if (Array.isArray(value)) return value.map((item) => encode(item, depth + 1) ?? null);
  if (ArrayBuffer.isView(value)) {
    return { $bytes: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') };
  }
  if (value instanceof ArrayBuffer) return { $bytes: Buffer.from(value).toString('base64') };
  if (typeof value.toJSON === 'function') return encode(value.toJSON(), depth + 1);
  if (value instanceof Map) return encode(Object.fromEntries(value), depth + 1);
  if (value instanceof Set) return encode([...value], depth + 1);
  /** @type {any} */
  let copy;
  let tagged = false;
  for (const key of Object.keys(value)) {
    const item = encode(value[key], depth + 1);
    if (item !== undefined && key.startsWith('$')) tagged = true;
    if (item !== value[key]) (copy ??= { ...value })[key] = item;
  }
  return tagged ? { $object: copy ?? value } : (copy ?? value);
}

/**
 * The reverse of `encode`, on a freshly parsed value.
 * @param {any} value @returns {any}
 */
export function decode(value) {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value.$bytes === 'string') return new Uint8Array(Buffer.from(value.$bytes, 'base64'));
  if (typeof value.$date === 'string') return new Date(value.$date);
  const source = value.$object ?? value;
  for (const key of Object.keys(source)) source[key] = decode(source[key]);
  return source;
}
