// @ts-check
/**
 * The port that the runtime believes to listen on. It asks the operating system at every replay for as long as it
 * finds none (a report of the whole process, or a walk through `/proc`): tens of milliseconds each, and nothing
 * listens here. It only ends up in a URL that no workflow of ours reads.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const PORT = 3000;
const LISTENING = { type: 'tcp', is_active: true, localEndpoint: { port: PORT }, remoteEndpoint: null };

/** Answer the questions that the runtime's releases ask. */
export function patch() {
  /** @type {any} */
  const report = process.report;
  if (report !== undefined) report.getReport = () => ({ libuv: [LISTENING] });
  /** @type {any} */
  const promises = fs.promises;
  const { readdir } = promises;
  const open = `/proc/${process.pid}/fd`;
  promises.readdir = (/** @type {any[]} */ ...args) => (args[0] === open ? Promise.resolve([]) : readdir.apply(promises, args));
  syncBuiltinESMExports();
}
