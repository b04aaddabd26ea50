// @ts-check
/** I/O is what a call writes to the service's port. It is answered when something comes back on that connection. */
import net from 'node:net';
import { answered, currentCall, submit } from '../actor.mjs';
import { portOf } from '../place.mjs';
import { UNKNOWN, WORLD } from '../recorded.mjs';

/** What a write asks for, roughly; nothing when it only opens the connection. @type {Record<string, (text: string) => string>} */
const READ = {
  redis(text) {
    const commands = [...text.matchAll(/\*\d+\r\n\$\d+\r\n(\w+)(?:\r\n\$\d+\r\n([^\r]{0,80}))?/g)];
    if (commands.every(([, name]) => /^(hello|auth|select|client|info|ping|command)$/i.test(name))) return '';
    return commands.map(([, name, key]) => `${name.toUpperCase()} ${key ?? ''}`.trim()).join(', ');
  },
  postgres(text) {
    if (text.startsWith('\0') || text.startsWith('p')) return '';
    const [sql = ''] = /(select|insert|update|delete|with|begin|commit|rollback)\b[^\0]*/i.exec(text) ?? [];
    if (sql === '') return UNKNOWN; // a statement that was prepared before
    return `${sql.split(/\s/)[0].toUpperCase()} ${/(?:from|into|update)\s+([\w".]+)/i.exec(sql)?.[1]?.replaceAll('"', '') ?? ''}`.trim();
  },
  mongodb(text) {
    const [, name = UNKNOWN, collection = ''] = /^.{25}[\s\S](\w+)\0(?:....([\w.]+)\0)?/s.exec(text) ?? [];
    return /^(hello|ismaster|sasl|ping|buildInfo|endSessions|killCursors)/i.test(name) ? '' : `${name} ${collection}`.trim();
  },
};

/** @param {import('../place.mjs').Place} place */
export function holdSockets(place) {
  /** @type {any} */
  const prototype = net.Socket.prototype;
  const { write, _writeGeneric } = prototype;
  const port = portOf(place);
  const read = READ[WORLD.service?.protocol ?? ''] ?? (() => UNKNOWN);
  /** @type {WeakMap<object, {owner?: any, open: any[]}>} */
  const sockets = new WeakMap();

  /** @param {any} socket */
  function known(socket) {
    let state = sockets.get(socket);
    if (state !== undefined || socket.remotePort !== port) return state;
    /** @type {{owner?: any, open: any[]}} */
    const made = { open: [] };
    sockets.set(socket, (state = made));
    const close = () => made.open.splice(0).forEach(answered);
    const { push } = socket;
    socket.push = (/** @type {any} */ chunk, /** @type {any} */ encoding) => {
      if (chunk !== null) close();
      return push.call(socket, chunk, encoding);
    };
    socket.once('close', close);
    return state;
  }

  prototype.write = function (/** @type {any[]} */ ...args) {
    const state = known(this);
    if (state) state.owner = currentCall() ?? state.owner; // drivers write from a queue, too
    return write.apply(this, args);
  };

  prototype._writeGeneric = function (/** @type {boolean} */ many, /** @type {any} */ data, /** @type {any} */ encoding, /** @type {any} */ done) {
    const state = this.connecting ? undefined : known(this);
    const call = currentCall() ?? (state?.owner?.live ? state.owner : undefined);
    const parts = many ? data.map((/** @type {any} */ each) => each.chunk ?? each) : [data];
    const label = read(parts.map((/** @type {any} */ part) => (typeof part === 'string' ? part : part.toString('latin1'))).join(''));
    if (state === undefined || call === undefined || label === '') return _writeGeneric.call(this, many, data, encoding, done);
    const operation = {
      call,
      label,
      perform: () => {
        if (this.destroyed) return answered(operation);
        state.open.push(operation);
        _writeGeneric.call(this, many, data, encoding, (/** @type {any} */ error) => error && this.destroy(error));
      },
    };
    submit(operation);
    done(); // to the writer the bytes are on their way
  };
}
