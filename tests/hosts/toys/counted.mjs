// @ts-check
/** How often this instance of the module was asked. */
let count = 0;

export const made = () => ++count;
