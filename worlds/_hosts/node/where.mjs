// @ts-check
/** Where in the World's package an operation comes from. */
let folder = '';

/** `file:line` of the innermost frame inside the package, or undefined. */
export function where() {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 60;
  const { stack } = new Error();
  Error.stackTraceLimit = limit;
  for (const line of (stack ?? '').split('\n')) {
    const at = line.indexOf(folder);
    if (at < 0 || line.slice(at + folder.length).includes('/node_modules/')) continue;
    const found = /^(.*?)(?:\?[^:]*)?:(\d+):\d+/.exec(line.slice(at + folder.length + 1));
    if (found !== null) return `${found[1]}:${found[2]}`;
  }
  return undefined;
}

/** Look for frames in this folder. @param {string} path */
where.within = (path) => {
  folder = path;
};
