// @ts-check
/**
 * Gates at the socket: each write to the service's port that a call caused is one operation.
 *
 * The protocol's describer says what a write asks for and how many answers it will get; the answers are
 * counted as they arrive, before the client library sees them. The operations of one pipeline are one
 * write, so one gate. Handshakes and writes outside every call pass, but are counted all the same, so
 * that each answer is matched to the write that it belongs to.
 */
import net from 'node:net';
import { answered, currentCall, standBehind, submit } from '../calls.mjs';

/**
 * @typedef {import('../calls.mjs').Operation} Operation
 * @typedef {import('../calls.mjs').Call} Call
 * @typedef {object} Request one write
 * @property {number} replies answers to wait for; 0: none
 * @property {boolean} handshake never held
 * @property {number[]} [ids] the answers, when they carry the number of their request
 * @property {() => import('../calls.mjs').Description} describe
 * @typedef {object} Talk one connection's conversation
 * @property {(data: Buffer) => Request} request
 * @property {(data: Buffer) => number | number[]} replies whole answers that this chunk completed, or whose
 * @typedef {() => Talk} Protocol
 * @typedef {{request: Request, operation: Operation | null, left: number, cut: boolean}} Expected
 */

/** Answers to a protocol that we do not know: whatever comes first. @type {Protocol} */
export const anyProtocol = () => ({
  request: (data) => ({
    replies: 1,
    handshake: false,
    describe: () => ({ label: `write ${data.length} bytes`, access: 'unknown', keys: [] }),
  }),
  replies: () => Number.POSITIVE_INFINITY,
});

/** What we know of one gated socket. */
class Channel {
  /** @param {any} socket @param {Talk} talk */
  constructor(socket, talk) {
    this.socket = socket;
    this.talk = talk;
    /** @type {Expected[]} writes that are not answered, oldest first */
    this.expected = [];
    /** writes of this socket that are held */
    this.waiting = 0;
    /** @type {import('../calls.mjs').ActorState | undefined} the actor that they belong to */
    this.holder = undefined;
    /** @type {(() => void)[]} writes that came behind a held one, which the service must not see before it */
    this.behind = [];
    /** @type {Call | undefined} the call that wrote last */
    this.owner = undefined;
    const push = socket.push;
    socket.push = (/** @type {Buffer | null} */ chunk, /** @type {any} */ encoding) => {
      if (chunk !== null && this.receive(chunk)) {
        // The service has done what it was asked for; nobody here learns of it.
        this.closed();
        socket.destroy(lost());
        return false;
      }
      return push.call(socket, chunk, encoding);
    };
    // `close` does not come when a listener of `error` throws, as an emitter does that nobody listens to.
    socket.prependListener('error', () => this.closed());
    socket.once('close', () => this.closed());
  }

  /** The call on whose behalf the socket is written now. Drivers that queue write from another's callback. */
  call() {
    return currentCall() ?? (this.owner?.live ? this.owner : undefined);
  }

  /** @param {Request} request @param {Operation | null} operation @param {boolean} [cut] its answer is to be lost */
  expect(request, operation, cut = false) {
    if (request.replies > 0) this.expected.push({ request, operation, left: request.replies, cut });
    else if (operation !== null) answered(operation);
  }

  /** Count the answers in a chunk; true when it is to be lost. @param {Buffer} chunk */
  receive(chunk) {
    if (this.expected.some((each) => each.cut)) return true;
    const replies = this.talk.replies(chunk);
    if (typeof replies !== 'number') {
      for (const id of replies) this.take(this.expected.findIndex((each) => each.request.ids?.includes(id)));
      return false;
    }
    for (let left = replies; left > 0 && this.expected.length > 0; left--) this.take(0);
    return false;
  }

  /** One answer has come for the write at this place. @param {number} index */
  take(index) {
    if (index < 0) return;
    const head = this.expected[index];
    if (--head.left > 0) return;
    this.expected.splice(index, 1);
    if (head.operation !== null) answered(head.operation);
  }

  /** Let go of what stood behind a write that was held, up to the next that is. */
  moveUp() {
    while (this.waiting === 0 && this.behind.length > 0) this.behind.shift()?.();
  }

  closed() {
    for (const { operation } of this.expected.splice(0)) if (operation !== null) answered(operation);
  }
}

const CHANNEL = Symbol('channel');

/** Connections that have carried a request. @type {WeakSet<Channel>} */
const carriers = new WeakSet();
let carrying = 0;

/** How many connections the World has used for anything but handshakes, those that are closed too. */
export function connections() {
  return carrying;
}

/** What a driver sees of a connection that breaks. */
function lost() {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', errno: -104, syscall: 'read' });
}

/**
 * Hold the writes to these ports.
 * @param {(number | string)[]} ports TCP ports, and paths of Unix sockets; none: every connection
 * @param {Protocol} protocol
 */
export function patch(ports, protocol) {
  /** @type {any} */
  const prototype = net.Socket.prototype;
  const { _writeGeneric: originalGeneric, write: originalWrite, connect: originalConnect } = prototype;
  const wanted = new Set(ports.map(String));
  const PATH = Symbol('path');

  /** @param {any} socket @returns {Channel | null} */
  function channelOf(socket) {
    if (socket[CHANNEL] !== undefined) return socket[CHANNEL];
    const where = socket[PATH] ?? socket.remotePort;
    const gated = where !== undefined && (wanted.size === 0 || wanted.has(String(where)));
    socket[CHANNEL] = gated ? new Channel(socket, protocol()) : null;
    return socket[CHANNEL];
  }

  prototype.connect = function connect(/** @type {any[]} */ ...args) {
    const first = Array.isArray(args[0]) ? args[0][0] : args[0];
    const path = typeof first === 'string' && !/^\d+$/.test(first) ? first : first?.path;
    if (typeof path === 'string') this[PATH] = path;
    return originalConnect.apply(this, args);
  };

  prototype.write = function write(/** @type {any} */ chunk, /** @type {any} */ encoding, /** @type {any} */ done) {
    const channel = this[CHANNEL];
    if (channel) channel.owner = currentCall() ?? channel.owner;
    return originalWrite.call(this, chunk, encoding, done);
  };

  prototype._writeGeneric = function _writeGeneric(
    /** @type {boolean} */ writev,
    /** @type {any} */ data,
    /** @type {BufferEncoding} */ encoding,
    /** @type {(error?: Error | null) => void} */ done,
  ) {
    if (this.connecting) return originalGeneric.call(this, writev, data, encoding, done);
    const channel = channelOf(this);
    if (channel === null) return originalGeneric.call(this, writev, data, encoding, done);
    const asking = channel.call();
    const request = channel.talk.request(bytes(writev, data, encoding, asking?.gated));
    const call = request.handshake ? undefined : asking;
    ENGINE: if (!request.handshake && !carriers.has(channel)) {
      carriers.add(channel);
      carrying++;
    }
    const socket = this;

    if (call === undefined) {
      const pass = () => {
        channel.expect(request, null);
        originalGeneric.call(socket, writev, data, encoding, done);
      };
      if (channel.waiting > 0 || channel.behind.length > 0) channel.behind.push(pass);
      else pass();
      return;
    }

    /** @type {Operation} */
    const operation = {
      call,
      describe: request.describe,
      cuts: true,
      perform: (held, cut) => {
        if (held) channel.waiting--;
        if (socket.destroyed) {
          answered(operation);
          if (held) channel.moveUp();
          return;
        }
        if (cut === 'before') {
          answered(operation);
          if (held || acknowledged) socket.destroy(lost());
          else done(lost());
          return;
        }
        channel.expect(request, operation, cut === 'after');
        originalGeneric.call(socket, writev, data, encoding, held || acknowledged ? failed : done);
        if (held) channel.moveUp();
      },
    };
    const failed = (/** @type {Error | null | undefined} */ error) => {
      if (error) socket.destroy(error);
    };
    // To the writer the bytes of what is held are on their way, so that its next write arrives here on its own.
    let acknowledged = false;
    const acknowledge = () => {
      acknowledged = true;
      done();
    };
    // Answers come in the order of the requests: where actors share a connection, none overtakes another.
    if (channel.behind.length > 0 || (channel.waiting > 0 && channel.holder !== call.actor)) {
      channel.behind.push(
        standBehind(operation, () => {
          channel.waiting++;
          channel.holder = call.actor;
          if (submit(operation)) channel.waiting--;
        }),
      );
      acknowledge();
      return;
    }
    channel.waiting++;
    channel.holder = call.actor;
    if (submit(operation)) channel.waiting--;
    else acknowledge();
  };
}

/** What is looked at once, when it is written, stands here meanwhile. */
const desk = /* @__PURE__ */ Buffer.allocUnsafeSlow(65536);

/**
 * A write as bytes. What is described later, because its call is held, has a copy of its own.
 * @param {boolean} writev @param {any} data @param {BufferEncoding} encoding @param {boolean} [keep]
 * @returns {Buffer}
 */
function bytes(writev, data, encoding, keep) {
  if (!writev) {
    if (typeof data !== 'string') return data;
    // A letter has three bytes at most.
    ENGINE: if (!keep && 3 * data.length <= desk.length) return desk.subarray(0, desk.write(data, encoding));
    return Buffer.from(data, encoding);
  }
  return Buffer.concat(
    data.map((/** @type {any} */ each) => {
      const chunk = each.chunk ?? each;
      return typeof chunk === 'string' ? Buffer.from(chunk, each.encoding) : chunk;
    }),
  );
}
