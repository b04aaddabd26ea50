// @ts-check
/** An error as it goes over the wire: what the runtime looks at, and what a person needs. */
import { peek } from './clock.mjs';

/** Seconds from now, of a Date or a number of seconds. @param {any} value */
function seconds(value) {
  if (typeof value === 'number') return value;
  if (value instanceof Date) return (value.getTime() - peek()) / 1000;
  return undefined;
}

/** A driver may wrap its errors so often. */
const DEEPEST = 4;

/**
 * The errors below an error, the nearest first: `Error: a (CODE), caused by Error: b`. One that stands for several
 * (a connection was tried at two addresses) has them as `errors`; the first is as good as any.
 * @param {any} error @param {number} depth @returns {string | undefined}
 */
function below(error, depth = 1) {
  const cause = error.cause ?? (Array.isArray(error.errors) ? error.errors[0] : undefined);
  if (cause === undefined || cause === null) return undefined;
  if (typeof cause !== 'object') return String(cause);
  const code = cause.code === undefined || String(cause.message).includes(cause.code) ? '' : ` (${cause.code})`;
  const further = depth < DEEPEST ? below(cause, depth + 1) : undefined;
  if (cause.message === error.message && !code) return further;
  return `${cause.name ?? 'Error'}: ${cause.message}${code}${further ? `, caused by ${further}` : ''}`;
}

/**
 * @param {any} error anything that was thrown
 * @param {boolean} stack send the stack too
 */
export function errorToWire(error, stack) {
  if (error === null || typeof error !== 'object') return { name: 'Error', message: String(error) };
  const { status, code } = error;
  return {
    name: String(error.name ?? 'Error'),
    message: String(error.message ?? error),
    status: typeof status === 'number' ? status : undefined,
    code: code === undefined || code === null ? undefined : String(code),
    retryAfter: seconds(error.retryAfter),
    cause: below(error),
    stack: stack && typeof error.stack === 'string' ? error.stack : undefined,
  };
}
