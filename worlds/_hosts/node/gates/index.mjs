// @ts-check
/** Which gates a World asks for, put in place before it is imported. */
import * as net from './net.mjs';
import { redis } from './redis.mjs';

/** @type {Record<string, import('./net.mjs').Protocol>} */
const PROTOCOLS = { redis };

/** @param {{gates?: string[], ports?: (number | string)[], protocol?: string}} world */
export async function patchGates(world) {
  for (const gate of world.gates ?? ['net']) {
    if (gate === 'net') {
      net.patch(world.ports ?? [], PROTOCOLS[world.protocol ?? ''] ?? net.anyProtocol);
    } else {
      throw new Error(`this host has no gates for ${gate}`);
    }
  }
}
