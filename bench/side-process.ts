// One side of a comparison in its own process, so that its memory can be measured. It prints `ready`, then responds to each
// line with a line of JSON. Its log goes to our stderr.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { repositoryRoot } from './sides.ts';

export interface SideProcess<Ready, Answer> {
  readonly ready: Ready;
  ask(line: string): Promise<Answer>;
  /** Ends the process and waits for it. */
  close(): Promise<void>;
}

/** Starts a side and waits until it is ready. `argv[0]` is the program. */
export async function startSide<Ready, Answer>(argv: readonly string[]): Promise<SideProcess<Ready, Answer>> {
  const [program, ...args] = argv;
  const child = spawn(program!, args, { cwd: repositoryRoot, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const waiting: { resolve: (value: never) => void; reject: (error: Error) => void }[] = [];
  const ended = new Promise<void>((resolve) => {
    child.once('close', (code) => {
      for (const { reject } of waiting.splice(0))
        reject(new Error(`${argv.join(' ')} ended with code ${code}`));
      resolve();
    });
  });
  child.once('error', (error) => waiting.shift()?.reject(error));
  lines.on('line', (line) => {
    const asked = waiting.shift();
    try {
      asked?.resolve(JSON.parse(line) as never);
    } catch {
      asked?.reject(new Error(`${argv.join(' ')}: expected a line of JSON, got ${line.slice(0, 200)}`));
    }
  });
  const answer = <T>(): Promise<T> => new Promise<T>((resolve, reject) => waiting.push({ resolve, reject }));
  const ready = await answer<Ready>();
  return {
    ready,
    ask: (line) => {
      const answered = answer<Answer>();
      child.stdin.write(`${line}\n`);
      return answered;
    },
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

/** Runs in the side's process: prints `ready`, then responds line by line until the input ends. */
export async function serveSide(
  ready: unknown,
  handlers: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<void> {
  const say = (value: unknown): boolean => process.stdout.write(`${JSON.stringify(value)}\n`);
  say(ready);
  for await (const line of createInterface({ input: process.stdin })) say(await handlers[line]!());
}
