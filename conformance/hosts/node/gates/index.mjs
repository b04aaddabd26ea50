// @ts-check
/** Which gates a World asks for, loaded and put in place before it is imported. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as net from './net.mjs';

export { connections } from './net.mjs';

const mysql = async () => (await import('./mysql.mjs')).mysql;

/** @type {Record<string, () => Promise<import('./net.mjs').Protocol>>} */
const PROTOCOLS = {
  mariadb: mysql,
  mongodb: async () => (await import('./mongodb.mjs')).mongodb,
  mysql,
  postgres: async () => (await import('./postgres.mjs')).postgres,
  redis: async () => (await import('./redis.mjs')).redis,
};

/** The folders that the World's options name. @param {Record<string, any>} options */
function foldersIn(options) {
  return Object.values(options).flatMap((value) => {
    if (typeof value !== 'string') return [];
    if (value.startsWith('file:///')) return [path.dirname(fileURLToPath(value))];
    return path.isAbsolute(value) ? [value] : [];
  });
}

/**
 * @typedef {object} World the fields of `world` in `open` that say what to hold
 * @property {string[]} [gates] `net`, `fs`, `libsql`, `call`
 * @property {(number | string)[]} [ports]
 * @property {string | null} [protocol]
 * @property {string[]} [paths] folders of the World's data; without it those that `options` names
 * @property {Record<string, any>} [options]
 */

/** @param {World} world @param {string} folder of the World's package */
export async function patchGates(world, folder) {
  for (const gate of world.gates ?? ['net']) {
    switch (gate) {
      case 'net':
        net.patch(world.ports ?? [], (await PROTOCOLS[world.protocol ?? '']?.()) ?? net.anyProtocol);
        break;
      case 'fs':
        (await import('./fs.mjs')).patch(world.paths ?? foldersIn(world.options ?? {}));
        break;
      case 'libsql':
        await (await import('./libsql.mjs')).patch(folder);
        break;
      case 'call': // held where the call arrives
        break;
      default:
        throw new Error(`this host has no gates for ${gate}`);
    }
  }
}
