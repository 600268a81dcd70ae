import { describe, expect, it } from 'vitest';
import { loadOptimizerReference, OPTIMIZER_RULES } from '../../../test/fixtures/optimizer-rules.ts';
import { type OptimizerOptions, stateNames, updateParameter } from './optimizer.ts';

const reference = loadOptimizerReference();
const rules = OPTIMIZER_RULES;

describe('updateParameter', () => {
  it.each(Object.keys(rules))('follows torch.optim through ten updates: %s', (name) => {
    const options = rules[name]!;
    const weights = Float32Array.from(reference.start);
    const state = stateNames(options).map(() => new Float32Array(weights.length));
    for (const [step, gradient] of reference.gradients.entries()) {
      updateParameter(options, weights, Float32Array.from(gradient), state, {
        learningRate: 0.01,
        gradientScale: 1,
        step,
        decay: true,
      });
    }
    for (const [i, expected] of reference.results[name]!.entries())
      expect(Math.abs(weights[i]! - expected)).toBeLessThan(1e-6);
  });

  it('does not decay a parameter that decay does not apply to', () => {
    const weights = Float32Array.of(2);
    updateParameter(rules.sgd!, weights, Float32Array.of(0), [], {
      learningRate: 1,
      gradientScale: 1,
      step: 0,
      decay: false,
    });
    expect(weights[0]).toBe(2);
  });

  it('scales the gradient before it is used', () => {
    const weights = Float32Array.of(0);
    const options: OptimizerOptions = { kind: 'sgd', momentum: 0, weightDecay: 0 };
    updateParameter(options, weights, Float32Array.of(4), [], {
      learningRate: 1,
      gradientScale: 0.25,
      step: 0,
      decay: true,
    });
    expect(weights[0]).toBe(-1);
  });
});
