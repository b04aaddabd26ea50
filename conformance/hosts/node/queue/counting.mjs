// @ts-check
/** Deliveries that do nothing: each is reported to the engine, which says how it ends. */
import { encode } from '../values.mjs';

/** @typedef {import('../wire.mjs').Message} Message */

/** @param {(message: Message) => void} send */
export function counting(send) {
  let deliveries = 0;
  /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
  const open = new Map();

  return {
    /** What `createQueueHandler` is given for a path. @param {string} path */
    handler(path) {
      return (/** @type {any} */ payload, /** @type {any} */ { queueName, messageId, attempt }) => {
        const delivery = ++deliveries;
        const about = { path, queue: queueName, messageId: String(messageId), attempt: Number(attempt) || 0 };
        send({ type: 'delivery_begun', delivery, ...about, payload: encode(payload) ?? null, at: Date.now() });
        return new Promise((resolve, reject) => open.set(delivery, { resolve, reject }));
      };
    },
    /** The engine decided. @param {Message} message */
    answer({ delivery, timeoutSeconds, error }) {
      const waiting = open.get(delivery);
      open.delete(delivery);
      if (error !== undefined) waiting?.reject(new Error(error));
      else waiting?.resolve(timeoutSeconds === undefined ? undefined : { timeoutSeconds });
    },
  };
}
