// @ts-check
/**
 * One JSON object per line over two pipes.
 *
 * Reading has two ways into one line buffer: the event loop reads while the host is idle, and `take()`
 * blocks the whole process while a gate is held (`docs/host-protocol.md`, rule 4). The event loop needs
 * its descriptor non-blocking and `take()` needs one that blocks, so the pipe is opened a second time.
 */
import fs from 'node:fs';
import net from 'node:net';
import { decode } from './values.mjs';

const NEWLINE = 10;
const { readSync, writeSync, openSync } = fs;
const { setTimeout: later } = globalThis;

/** What may wait for the next message waits so long at most, in ms: the engine may be waiting for a sign of life. */
const LATEST = 5;

/** @typedef {Record<string, any> & {type: string}} Message */

/**
 * Open a descriptor of the same pipe that blocks, whatever the event loop does to the first one.
 * @param {number} fd
 */
function reopen(fd) {
  for (const path of [`/proc/self/fd/${fd}`, `/dev/fd/${fd}`]) {
    try {
      return openSync(path, 'r');
    } catch {
      continue; // not this system's name for it
    }
  }
  return fd;
}

const pause = new Int32Array(new SharedArrayBuffer(4));

/** Sleep without a turn of the event loop, for a descriptor that is busy. */
function nap() {
  Atomics.wait(pause, 0, 0, 0.2);
}

/** Both ends of the conversation. End of file means the suite is gone: the process exits. */
export class Wire {
  /** @param {number} inFd @param {number} outFd */
  constructor(inFd, outFd) {
    this.inFd = inFd;
    this.outFd = outFd;
    this.blockingFd = reopen(inFd);
    this.chunk = Buffer.allocUnsafe(65536);
    /** @type {Buffer[]} the beginning of a line whose end has not come */
    this.rest = [];
    /** @type {string[]} */
    this.lines = [];
    /** @type {Message[]} taken too early, and put back */
    this.returned = [];
    this.scheduled = false;
    /** lines that wait for the next message */
    this.unsent = '';
    /** @type {NodeJS.Timeout | undefined} */
    this.due = undefined;
    /** @type {(message: Message) => void} */
    this.handle = () => {};
  }

  /**
   * Read from the event loop; `handle` gets each message that `take` did not.
   * @param {(message: Message) => void} handle
   */
  listen(handle) {
    this.handle = handle;
    const read = (/** @type {number} */ count, /** @type {Uint8Array} */ data) => {
      this.feed(Buffer.from(data.buffer, data.byteOffset, count));
      if (!this.scheduled) this.next();
      return true;
    };
    // With a buffer of its own, what is read does not pass through a stream.
    const onread = { buffer: Buffer.allocUnsafeSlow(65536), callback: read };
    const socket = new net.Socket(/** @type {any} */ ({ fd: this.inFd, readable: true, writable: false, onread }));
    const gone = () => process.exit(0);
    socket.on('end', gone);
    socket.on('error', gone);
  }

  /** Handle one message, and the one behind it in a turn of its own: how they arrived must not matter. */
  next() {
    this.scheduled = false;
    const message = this.returned.shift() ?? this.queued();
    if (message === undefined) return;
    this.schedule();
    this.handle(message);
  }

  schedule() {
    if (this.scheduled || this.returned.length + this.lines.length === 0) return;
    this.scheduled = true;
    setImmediate(() => this.next());
  }

  /** Messages that `take` gave and that were not the one waited for. @param {Message[]} messages */
  putBack(messages) {
    this.returned.push(...messages);
    this.schedule();
  }

  /** @returns {Message | undefined} */
  queued() {
    const line = this.lines.shift();
    return line === undefined ? undefined : this.parse(line);
  }

  /** Block until the next message that the host has not seen. @returns {Message} */
  take() {
    for (;;) {
      const message = this.queued();
      if (message !== undefined) return message;
      let count = 0;
      try {
        count = readSync(this.blockingFd, this.chunk, 0, this.chunk.length, null);
      } catch (error) {
        const code = /** @type {NodeJS.ErrnoException} */ (error).code;
        if (code === 'EAGAIN') {
          nap();
          continue;
        }
        if (code !== 'EOF') throw error;
      }
      if (count === 0) process.exit(0);
      this.feed(this.chunk.subarray(0, count));
    }
  }

  /** @param {Buffer} data */
  feed(data) {
    let start = 0;
    for (let end = data.indexOf(NEWLINE); end >= 0; end = data.indexOf(NEWLINE, start)) {
      let line = data.toString('utf8', start, end);
      if (this.rest.length > 0) {
        line = Buffer.concat([...this.rest, data.subarray(start, end)]).toString('utf8');
        this.rest = [];
      }
      this.lines.push(line);
      start = end + 1;
    }
    if (start < data.length) this.rest.push(Buffer.from(data.subarray(start)));
  }

  /** @param {string} line @returns {Message} */
  parse(line) {
    const message = JSON.parse(line);
    return line.includes('"$') ? decode(message) : message;
  }

  /**
   * Send a message whose values are plain JSON already, or were encoded.
   * @param {Message} message @param {boolean} [more] another follows soon, and may be sent with it
   */
  send(message, more = false) {
    this.unsent += JSON.stringify(message) + '\n';
    if (!more) this.flush();
    else {
      // It is not taken back: to set it anew for each message takes longer.
      this.due ??= later(() => {
        this.due = undefined;
        this.flush();
      }, LATEST);
    }
  }

  /** Send what waits. */
  flush() {
    const data = Buffer.from(this.unsent);
    this.unsent = '';
    let sent = 0;
    while (sent < data.length) {
      try {
        sent += writeSync(this.outFd, data, sent, data.length - sent);
      } catch (error) {
        const code = /** @type {NodeJS.ErrnoException} */ (error).code;
        if (code === 'EPIPE') process.exit(0);
        if (code !== 'EAGAIN') throw error;
        nap();
      }
    }
  }
}

/**
 * Handle messages until the engine is gone. What nobody caught is a log line: a host outlives it.
 * @param {Wire} wire @param {(message: Message) => void} handle
 */
export function handleMessages(wire, handle) {
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    process.on(event, (error) => {
      const text = error instanceof Error ? (error.stack ?? String(error)) : String(error);
      wire.send({ type: 'log', level: 'error', origin: 'process', text: `${event}: ${text}` });
    });
  }
  // Ctrl-C reaches the whole group. The engine decides what becomes of us: it closes the pipe.
  process.on('SIGINT', () => {});
  wire.listen(handle);
}
