// @ts-check
/** An error as it goes over the wire: what the runtime looks at, and what a person needs. */
import { peek } from './clock.mjs';

/** Seconds from now, of a Date or a number of seconds. @param {any} value */
function seconds(value) {
  if (typeof value === 'number') return value;
  if (value instanceof Date) return (value.getTime() - peek()) / 1000;
  return undefined;
}

/** @param {any} cause */
function causeText(cause) {
  if (cause === undefined || cause === null) return undefined;
  if (typeof cause !== 'object') return String(cause);
  const code = cause.code === undefined ? '' : ` (${cause.code})`;
  return `${cause.name ?? 'Error'}: ${cause.message}${code}`;
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
    cause: causeText(error.cause),
    stack: stack && typeof error.stack === 'string' ? error.stack : undefined,
  };
}
