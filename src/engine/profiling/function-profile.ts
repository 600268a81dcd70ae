// Profiles of V8 by function: a sampler that interrupts the thread every millisecond. The profile opens in the performance
// panel of Chrome's developer tools and in editors (.cpuprofile).

import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';

const INTERVAL_MICROS = 1000;

/** Time of one function by itself, without what it calls. */
export interface FunctionTime {
  readonly name: string;
  /** File and line; empty for native code and the garbage collector. */
  readonly place: string;
  readonly selfMs: number;
}

/** Starts a profile of the calling thread. @returns a function that ends it and gives the profile */
export async function startFunctionProfile(): Promise<() => Promise<Profiler.Profile>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_MICROS });
  await session.post('Profiler.start');
  return async () => {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    return profile;
  };
}

/** The functions by their own time, most first. Idle time is left out. */
export function summarizeFunctions(profile: Profiler.Profile): FunctionTime[] {
  const times = new Map<number, number>();
  const deltas = profile.timeDeltas ?? [];
  for (const [i, node] of (profile.samples ?? []).entries())
    times.set(node, (times.get(node) ?? 0) + (deltas[i] ?? 0) / 1000);
  const functions = new Map<string, { name: string; place: string; selfMs: number }>();
  for (const { id, callFrame } of profile.nodes) {
    const { functionName, url, lineNumber } = callFrame;
    if (functionName === '(idle)' || functionName === '(root)') continue;
    const place = url === '' ? '' : `${shorten(url)}:${lineNumber + 1}`;
    const key = `${functionName} ${place}`;
    const entry = functions.get(key) ?? { name: functionName || '(anonymous)', place, selfMs: 0 };
    entry.selfMs += times.get(id) ?? 0;
    functions.set(key, entry);
  }
  return [...functions.values()].filter(({ selfMs }) => selfMs > 0).sort((a, b) => b.selfMs - a.selfMs);
}

/** The last parts of a file's address: enough to find it, and nothing about the machine. */
function shorten(url: string): string {
  return url.startsWith('node:') ? url : url.split('/').slice(-2).join('/');
}
