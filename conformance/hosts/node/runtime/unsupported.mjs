// @ts-check
/** An error that makes verdicts `unsupported`, with this message as the reason. @param {string} message */
export function unsupported(message) {
  return Object.assign(new Error(message), { name: 'Unsupported', code: 'UNSUPPORTED' });
}
