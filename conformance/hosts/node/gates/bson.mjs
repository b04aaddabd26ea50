// @ts-check
/** As much of BSON as a label needs: documents, arrays, texts, numbers, ids. The rest becomes `…`. */

/** The id of a document, which is no text. */
export class ObjectId {
  /** @param {string} hex */
  constructor(hex) {
    this.hex = hex;
  }

  toString() {
    return this.hex;
  }
}

/**
 * @param {Buffer} data @param {number} [at] where the document begins
 * @returns {Record<string, any>}
 */
export function document(data, at = 0) {
  const end = Math.min(at + data.readInt32LE(at), data.length) - 1;
  /** @type {Record<string, any>} */
  const found = {};
  let next = at + 4;
  while (next < end) {
    const kind = data[next];
    const zero = data.indexOf(0, next + 1);
    const name = data.toString('utf8', next + 1, zero);
    const [value, size] = element(data, kind, zero + 1);
    found[name] = value;
    if (size < 0) break;
    next = zero + 1 + size;
  }
  return found;
}

/**
 * One value and its size in bytes; -1 for a kind whose size is not known.
 * @param {Buffer} data @param {number} kind @param {number} at
 * @returns {[any, number]}
 */
function element(data, kind, at) {
  switch (kind) {
    case 0x01:
      return [data.readDoubleLE(at), 8];
    case 0x02:
      return [data.toString('utf8', at + 4, at + 3 + data.readInt32LE(at)), 4 + data.readInt32LE(at)];
    case 0x03:
      return [document(data, at), data.readInt32LE(at)];
    case 0x04:
      return [Object.values(document(data, at)), data.readInt32LE(at)];
    case 0x05:
      return ['…', 5 + data.readInt32LE(at)];
    case 0x06:
    case 0x0a:
      return [null, 0];
    case 0x07:
      return [new ObjectId(data.toString('hex', at, at + 12)), 12];
    case 0x08:
      return [data[at] === 1, 1];
    case 0x09:
    case 0x11:
      return ['…', 8];
    case 0x0b: {
      const pattern = data.indexOf(0, at);
      const options = data.indexOf(0, pattern + 1);
      return [`/${data.toString('utf8', at, pattern)}/`, options + 1 - at];
    }
    case 0x10:
      return [data.readInt32LE(at), 4];
    case 0x12:
      return [Number(data.readBigInt64LE(at)), 8];
    case 0x13:
      return ['…', 16];
    default:
      return ['…', -1];
  }
}
