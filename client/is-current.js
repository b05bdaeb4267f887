/** Whether a build has to be made again. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Whether each output is newer than all that it is made of, by the times of files and folders: the time of a folder
 * changes with the names in it.
 *
 * @param {string} root
 * @param {readonly string[]} outputs files
 * @param {readonly string[]} inputs files and folders
 */
export function isCurrent(root, outputs, inputs) {
  const builtMs = outputs.map((path) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0);
  const changedMs = inputs.map((path) => lastChangeMs(join(root, path)));
  return Math.min(...builtMs) > Math.max(...changedMs);
}

/** @param {string} path */
function lastChangeMs(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return Infinity;
  let lastMs = stat.mtimeMs;
  if (stat.isDirectory())
    for (const name of readdirSync(path)) lastMs = Math.max(lastMs, lastChangeMs(join(path, name)));
  return lastMs;
}
