// The place in which a conformance suite tests a store: empty at first, opened by several instances and processes.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface StorePlace<S> {
  /** Opens the store in this process, a new instance each time. */
  open(): S;
  /** Source of a module that another process runs; in it, `store` is the store of this place. */
  script(body: string): string;
  remove(): void;
}

/** Runs `source` in a process of its own, which must succeed. @returns what it printed */
export async function runElsewhere(source: string): Promise<string> {
  const child = startElsewhere(source);
  let said = '';
  child.stdout!.on('data', (chunk) => {
    said += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`the other process ended with ${code}: ${said}`);
  return said.trim();
}

/**
 * Starts `source` in a process of its own and kills it (SIGKILL) after it has printed something.
 * @returns what it printed
 */
export async function killElsewhere(source: string): Promise<string> {
  const child = startElsewhere(source);
  const ended = once(child, 'close').then(() =>
    Promise.reject(new Error('the other process ended by itself')),
  );
  const [said] = await Promise.race([once(child.stdout!, 'data'), ended]);
  child.kill('SIGKILL');
  await once(child, 'close');
  return String(said).trim();
}

export function startElsewhere(source: string): ChildProcess {
  return spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Address of a built module, for scripts of other processes. */
export function builtModule(path: string): string {
  return new URL(`../../dist/${path}`, import.meta.url).href;
}
