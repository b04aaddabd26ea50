// @ts-check
/** Every way to hold I/O there is; a script has those that its World needs. */
import { holdFiles } from './gates/fs.mjs';
import { holdLibsql } from './gates/libsql.mjs';
import { holdSockets } from './gates/net.mjs';

/** @type {((place: import('./place.mjs').Place) => void | Promise<void>)[]} */
export const HOLDS = [holdFiles, holdLibsql, holdSockets];
