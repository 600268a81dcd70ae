// Paths as people type them.
import { homedir } from 'node:os';
import { resolve } from 'node:path';

/** Replaces a leading `~`, which a shell leaves alone in `key=~/file` and in quotes, by the user's home folder. */
export function expandHome(path: string): string {
  return path === '~' || /^~[\\/]/.test(path) ? homedir() + path.slice(1) : path;
}

/** The absolute path of what a person typed; relative paths start at `workingDirectory`. */
export function resolveUserPath(workingDirectory: string, path: string): string {
  return resolve(workingDirectory, expandHome(path));
}
