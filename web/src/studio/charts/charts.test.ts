// Tests of what the charts compute: scales, ticks, smoothing, paths and looks.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { drawPath, drawSmoothPath, findNearest, findShown, type PathSink } from './curve-path.ts';
import { createScale, findRange, listLogTicks, listTicks } from './scale.ts';
import { assignLooks, COLOURS, dashOf, LOOKS } from './series-looks.ts';
import { smoothCurve } from './smoothing.ts';
import { formatDuration, formatPlaceOn, formatTick, formatValue, listTimeTicks } from './values.ts';
import { zoomByKey } from './zoom.ts';

describe('createScale', () => {
  test('places values and finds them again, linear and logarithmic', () => {
    for (const scale of [createScale(-2, 6), createScale(1e-5, 10, 'log')])
      for (const place of [0, 0.3, 1]) expect(scale.place(scale.value(place))).toBeCloseTo(place, 10);
    expect(createScale(1, 100, 'log').place(10)).toBeCloseTo(0.5, 10);
  });

  test('is linear where a log scale would have to show 0 or less', () => {
    expect(createScale(0, 10, 'log').kind).toBe('linear');
  });

  test('puts a single value into the middle, and shows something for none', () => {
    for (const scale of [createScale(7, 7), createScale(0, 0), createScale(7, 7, 'log')])
      expect(scale.place(scale.min === -0.5 ? 0 : 7)).toBeCloseTo(0.5, 10);
    expect(createScale(Number.NaN, 3).ticks(5).length).toBeGreaterThan(2);
  });
});

describe('ticks', () => {
  test('are round numbers within the scale', () => {
    expect(listTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(listTicks(-0.05, 0.11, 4)).toEqual([-0.05, 0, 0.05, 0.1]);
    expect(listTicks(3, 3, 4)).toEqual([]);
  });

  test('are powers of ten on a log scale, and 2 and 5 times them where it is short', () => {
    expect(listLogTicks(1e-5, 1, 6)).toEqual([1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1]);
    expect(listLogTicks(1, 100, 8)).toEqual([1, 2, 5, 10, 20, 50, 100]);
    expect(listLogTicks(2, 3, 5)).toEqual([2, 2.2, 2.4, 2.6, 2.8, 3]);
  });

  test('of time are whole minutes and hours', () => {
    expect(listTimeTicks(0, 3600, 5)).toEqual([0, 900, 1800, 2700, 3600]);
  });
});

describe('findRange', () => {
  test('leaves out what is not finite, and on a log scale what is not above 0', () => {
    expect(findRange([1, Number.NaN, 3, Number.POSITIVE_INFINITY], 'linear', 0)).toEqual([1, 3]);
    expect(findRange([0, -1, 10, 1000], 'log', 0)).toEqual([10, 1000]);
    expect(findRange([])).toEqual([0, 1]);
  });
});

describe('smoothCurve', () => {
  test('changes nothing without strength', () => {
    expect([...smoothCurve([0, 1, 2], [5, 1, 9], 0, 2)]).toEqual([5, 1, 9]);
  });

  test('keeps a constant curve constant and begins at the first point', () => {
    expect([...smoothCurve([0, 1, 2], [4, 4, 4], 0.5, 2)]).toEqual([4, 4, 4]);
    expect(smoothCurve([0, 1], [7, 0], 1, 10)[0]).toBe(7);
  });

  test('halves the weight of a point at a distance of a tenth of the range, at full strength', () => {
    // weights 1/2 and 1
    expect(smoothCurve([0, 10], [3, 0], 1, 100)[1]).toBeCloseTo(1, 12);
  });

  test('smooths a curve of many points and a thinned one alike', () => {
    const xs = Array.from({ length: 2001 }, (_, i) => i);
    const ys = xs.map((x) => Math.sin(x / 300));
    const all = smoothCurve(xs, ys, 0.6, 2000);
    const few = xs.filter((x) => x % 10 === 0);
    const thinned = smoothCurve(
      few,
      few.map((x) => ys[x]!),
      0.6,
      2000,
    );
    expect(thinned.at(-1)!).toBeCloseTo(all[2000]!, 1);
  });

  test('leaves gaps where they are and does not spread them', () => {
    const smooth = smoothCurve([0, 1, 2], [1, Number.NaN, 3], 0.5, 2);
    expect(smooth[1]).toBeNaN();
    expect(smooth[2]).toBeGreaterThan(1);
  });
});

function record(xs: readonly number[], ys: readonly number[]): string[] {
  const calls: string[] = [];
  const sink: PathSink = {
    moveTo: (x, y) => calls.push(`M${x},${y}`),
    lineTo: (x, y) => calls.push(`L${x},${y}`),
  };
  drawPath(
    sink,
    { xs, ys },
    [0, xs.length],
    (x) => x,
    (y) => y,
  );
  return calls;
}

describe('drawPath', () => {
  test('draws at most four points in a column of pixels, with the lowest and the highest', () => {
    const xs = Array.from({ length: 1000 }, (_, i) => i / 1000);
    const ys = xs.map((_, i) => (i === 300 ? -50 : i === 200 ? 90 : i % 7));
    const calls = record(xs, ys);
    expect(calls.length).toBeLessThanOrEqual(8);
    expect(calls.join(' ')).toMatch(/,90/);
    expect(calls.join(' ')).toMatch(/,-50/);
  });

  test('leaves a gap where a value has no place', () => {
    const calls = record([0, 10, 20, 30], [1, Number.NaN, 2, 3]);
    expect(calls.filter((call) => call.startsWith('M'))).toEqual(['M0,1', 'M20,2']);
  });
});

describe('drawSmoothPath', () => {
  test('draws one point for each column, and always the last', () => {
    const xs = Array.from({ length: 1000 }, (_, i) => i / 10);
    const places: number[] = [];
    const take = (x: number): number => places.push(x);
    const identity = (value: number): number => value;
    drawSmoothPath({ moveTo: take, lineTo: take }, { xs, ys: xs }, [0, 1000], identity, identity, 4);
    expect(places.length).toBeLessThan(30);
    expect(places.at(-1)).toBe(99.9);
  });

  test('leaves a gap where a value has no place', () => {
    const calls: string[] = [];
    const sink: PathSink = { moveTo: (x) => calls.push(`M${x}`), lineTo: (x) => calls.push(`L${x}`) };
    const identity = (value: number): number => value;
    drawSmoothPath(sink, { xs: [0, 9, 18, 27], ys: [1, Number.NaN, 2, 3] }, [0, 4], identity, identity, 3);
    expect(calls).toEqual(['M0', 'M18', 'L27']);
  });
});

describe('finding points', () => {
  test('finds the nearest point on both sides and at the ends', () => {
    const xs = [1, 5, 9];
    expect([-3, 2, 4, 7.1, 100].map((x) => findNearest(xs, x))).toEqual([0, 0, 1, 2, 2]);
    expect(findNearest([], 3)).toBe(-1);
  });

  test('takes one point on each side of the shown range, so that lines reach the edge', () => {
    expect(findShown([0, 1, 2, 3, 4, 5], 1.5, 3.5)).toEqual([1, 6]);
  });
});

describe('zoomByKey', () => {
  test('halves and doubles the shown range, and shows everything before it would show more', () => {
    expect(zoomByKey('+', [0, 100], [0, 100])).toEqual([25, 75]);
    expect(zoomByKey('-', [40, 50], [0, 100])).toEqual([35, 55]);
    expect(zoomByKey('-', [0, 10], [0, 100])).toEqual([0, 15]);
    expect(zoomByKey('-', [25, 75], [0, 100])).toBeNull();
    expect(zoomByKey('0', [25, 75], [0, 100])).toBeNull();
  });

  test('moves no further than the ends, and leaves other keys alone', () => {
    expect(zoomByKey('ArrowLeft', [10, 90], [0, 100])).toEqual([0, 80]);
    expect(zoomByKey('ArrowRight', [10, 30], [0, 100])).toEqual([15, 35]);
    expect(zoomByKey('ArrowRight', [80, 100], [0, 100])).toEqual([80, 100]);
    expect(zoomByKey('Tab', [0, 1], [0, 1])).toBeUndefined();
  });
});

describe('assignLooks', () => {
  test('keeps the look of a run while it is drawn, and gives a free one to a new run', () => {
    const first = assignLooks(['a', 'b', 'c'], new Map());
    const second = assignLooks(['c', 'd', 'a'], first);
    expect([second.get('a'), second.get('c'), second.get('d')]).toEqual([0, 2, 1]);
  });

  test('gives as many different looks as one chart shows curves', () => {
    const looks = assignLooks(
      Array.from({ length: LOOKS }, (_, i) => `run-${i}`),
      new Map(),
    );
    const seen = [...looks.values()].map((look) => `${look % COLOURS} ${dashOf(look).join(',')}`);
    expect(new Set(seen).size).toBe(LOOKS);
  });
});

describe('values', () => {
  test('are as long as they need to be', () => {
    expect(
      [0, 0.123456, 12.3456, -3, 0.00001234, 1234567, Number.NaN, -Infinity, null].map(formatValue),
    ).toEqual(['0', '0.1235', '12.35', '−3', '1.23e-5', '1,234,567', 'NaN', '−∞', '–']);
    expect([0, 0.05, 2000, 1500, 12_345, 1e-5, 3e6].map(formatTick)).toEqual([
      '0',
      '0.05',
      '2k',
      '1.5k',
      '12.35k',
      '1e−5',
      '3M',
    ]);
    expect([0.4, 8, 59.6, 125, 4800, 100_000].map(formatDuration)).toEqual([
      '0.4 s',
      '8 s',
      '1 min',
      '2 min 5 s',
      '1 h 20 min',
      '1 d 3 h',
    ]);
    expect([formatPlaceOn('epoch', 1.23456), formatPlaceOn('step', 12_345.2)]).toEqual(['1.23', '12,345']);
  });
});

// Linear RGB as people with a missing kind of cone see it. Source: Machado, Oliveira, Fernandes 2009, severity 1.
const SEEN_BY: Readonly<Record<string, readonly (readonly number[])[]>> = {
  everyone: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

describe.each(['light', 'dark'])('the colours of curves in %s', (scheme) => {
  const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
  const part = (css: string): string => css.split('@media')[scheme === 'light' ? 0 : 1]!;
  const find = (css: string, name: string): number[] => {
    const [, hex] = new RegExp(`--${name}: #([0-9a-f]{6})`).exec(part(css))!;
    return [0, 2, 4].map((at) => {
      const share = Number.parseInt(hex!.slice(at, at + 2), 16) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
  };
  const own = read('../studio-colours.css');
  const page = read('../../style/colours.css');
  const colours = Array.from({ length: COLOURS }, (_, i) => find(own, `series-${i}`));

  test('have a contrast of at least 3 against the paper', () => {
    const luminance = ([r, g, b]: readonly number[]): number => 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
    for (const ground of ['paper', 'sheet'])
      for (const colour of colours) {
        const [a, b] = [luminance(colour), luminance(find(page, ground))];
        expect((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)).toBeGreaterThanOrEqual(3);
      }
  });

  test.each(Object.keys(SEEN_BY))('differ for %s', (who) => {
    const labs = colours.map((colour) =>
      toLab(SEEN_BY[who]!.map((row) => row.reduce((sum, factor, i) => sum + factor * colour[i]!, 0))),
    );
    for (let i = 0; i < labs.length; i++)
      for (let j = 0; j < i; j++)
        // 0.02 is just noticeable side by side
        expect(Math.hypot(...labs[i]!.map((value, k) => value - labs[j]![k]!))).toBeGreaterThan(0.08);
  });
});

/** From linear RGB to OKLab. Source: Ottosson 2020. */
function toLab(rgb: readonly number[]): number[] {
  const [r, g, b] = rgb.map((value) => Math.max(0, value)) as [number, number, number];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}
