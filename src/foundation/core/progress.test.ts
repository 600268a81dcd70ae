import { describe, expect, it } from 'vitest';
import { createScreen, formatBar, formatDuration } from './progress.ts';

/** Replays what was written, as a terminal shows it: lines that stand, and the last one that is still written on. */
function createTerminal(isTTY = true) {
  let text = '';
  return {
    isTTY,
    columns: 80,
    write: (part: string) => {
      text += part;
    },
    lines: () => text.split('\n').map((line) => line.split('\r\x1b[K').at(-1)),
  };
}

describe('screen', () => {
  it('prints lines above the bar and takes the bar away in the end', () => {
    const terminal = createTerminal();
    let nowMs = 0;
    const screen = createScreen(terminal, () => nowMs);
    const bar = screen.progress('train', 10, 'steps');
    bar.update(1);
    screen.print('early\n');
    nowMs = 1000;
    bar.update(5, 'loss 0.5');
    screen.print('step 5: best so far\n');
    expect(terminal.lines()).toEqual([
      'early',
      'step 5: best so far',
      expect.stringMatching(/^train █+░+ 5\/10 steps · 5\.0\/s · ETA 1s · loss 0\.5$/),
    ]);
    bar.stop();
    screen.print('trained\n');
    expect(terminal.lines()).toEqual(['early', 'step 5: best so far', 'trained', '']);
  });

  it('prints a warning as a block, yellow only on a terminal without NO_COLOR', () => {
    const print = (isTTY: boolean, environment: Record<string, string>): string => {
      let text = '';
      createScreen({ isTTY, write: (part: string) => (text += part) }, () => 0, environment).warn(
        'two\nlines',
      );
      return text;
    };
    expect(print(true, {})).toBe('\x1b[33mwarning: two\x1b[0m\n\x1b[33mlines\x1b[0m\n');
    expect(print(true, { NO_COLOR: '1' })).toBe('warning: two\nlines\n');
    expect(print(false, {})).toBe('warning: two\nlines\n');
  });

  it('draws at most ten times a second', () => {
    const terminal = createTerminal();
    let nowMs = 0;
    const bar = createScreen(terminal, () => nowMs).progress('read', 1000, 'rows');
    let drawn = 0;
    terminal.write = () => {
      drawn++;
    };
    for (nowMs = 1; nowMs <= 1500; nowMs++) bar.update(nowMs);
    expect(drawn).toBe(11); // from half a second on
  });

  it('draws nothing where there is no terminal', () => {
    const terminal = createTerminal(false);
    let nowMs = 0;
    const screen = createScreen(terminal, () => nowMs);
    const bar = screen.progress('train', 10, 'steps');
    nowMs = 5000;
    bar.update(5);
    screen.print('a line\n');
    bar.stop();
    expect(terminal.lines()).toEqual(['a line', '']);
  });
});

describe('formatBar', () => {
  const facts = {
    label: 'train',
    total: 12_000,
    unit: 'steps',
    done: 3000,
    note: 'loss 0.5123',
    seconds: 60,
  };

  it('shortens the bar before the words, and fits the width of the terminal', () => {
    expect(formatBar(facts, 200)).toBe(
      `train ${'█'.repeat(7)}${'░'.repeat(23)} 3,000/12,000 steps · 50/s · ETA 3m 00s · loss 0.5123`,
    );
    const narrow = formatBar(facts, 74);
    expect(narrow).toContain('loss 0.5123');
    for (const columns of [20, 40, 74, 80]) expect(formatBar(facts, columns).length).toBeLessThan(columns);
  });

  it('shows neither bar nor ETA where the total is unknown', () => {
    expect(formatBar({ ...facts, total: 0, note: '' }, 80)).toBe('train 3,000 steps · 50/s');
  });
});

describe('formatDuration', () => {
  it('has at most two units', () => {
    expect([0.4, 59.4, 200, 3900].map(formatDuration)).toEqual(['0s', '59s', '3m 20s', '1h 05m']);
  });
});
