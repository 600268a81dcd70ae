import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../foundation/core/index.ts';
import type { KernelParameters, Points } from './kernel.ts';
import { believe, conditionOn, createLikelihood, predict, type ScoredPoints } from './regression.ts';

const KERNEL: KernelParameters = {
  inverseSquaredLengths: Float64Array.of(2, 0.7, 1.3),
  scale: 1.4,
  noise: 0.01,
};

function drawPoints(count: number, seed: string): Points {
  const random = createRandom(seed);
  const coordinates = Float64Array.from({ length: 3 * count }, (_, at) =>
    at % 3 === 2 ? random.integer(3) : random.next(),
  );
  return { coordinates, count, isChoice: [false, false, true] };
}

const SCORED: ScoredPoints = {
  points: drawPoints(15, 'observed'),
  scores: Float64Array.from({ length: 15 }, (_, i) => Math.sin(i)),
};

describe('the regression', () => {
  it('has the gradient of the likelihood that differences show', () => {
    const likelihood = createLikelihood(SCORED);
    const gradient = new Float64Array(5);
    likelihood.evaluate(KERNEL, gradient);
    const values = [...KERNEL.inverseSquaredLengths, KERNEL.scale, KERNEL.noise];
    const at = (p: number, change: number): number => {
      const moved = values.map((value, i) => (i === p ? value + change : value));
      const [scale, noise] = [moved[3]!, moved[4]!];
      return likelihood.evaluate({
        inverseSquaredLengths: Float64Array.from(moved.slice(0, 3)),
        scale,
        noise,
      });
    };
    for (let p = 0; p < 5; p++) {
      expect(gradient[p]! / ((at(p, 1e-6) - at(p, -1e-6)) / 2e-6)).toBeCloseTo(1, 4);
    }
  });

  it('keeps its mean and loses its variance where it believes what it expects', () => {
    const posterior = conditionOn(SCORED, KERNEL)!;
    const added = drawPoints(4, 'added');
    const believed = believe(posterior, added);
    const others = drawPoints(5, 'others');
    for (let i = 0; i < 5; i++) {
      const point = others.coordinates.slice(3 * i, 3 * i + 3);
      expect(predict(believed, point).mean).toBeCloseTo(predict(posterior, point).mean, 9);
      expect(predict(believed, point).variance).toBeLessThanOrEqual(predict(posterior, point).variance);
    }
    for (let i = 0; i < 4; i++) {
      const point = added.coordinates.slice(3 * i, 3 * i + 3);
      expect(predict(believed, point).variance).toBeLessThan(1e-9);
      expect(believed.scores[15 + i]).toBeCloseTo(predict(posterior, point).mean, 9);
    }
  });

  it('believes a point that was observed, and one twice', () => {
    const posterior = conditionOn(SCORED, { ...KERNEL, noise: 1e-6 })!;
    const coordinates = Float64Array.of(...SCORED.points.coordinates.slice(0, 3), 0.5, 0.5, 1, 0.5, 0.5, 1);
    const believed = believe(posterior, { ...SCORED.points, coordinates, count: 3 });
    const { mean, variance } = predict(believed, Float64Array.of(0.5, 0.5, 1));
    expect(mean).toBeCloseTo(predict(posterior, Float64Array.of(0.5, 0.5, 1)).mean, 6);
    expect(variance).toBeLessThan(1e-9);
  });
});
