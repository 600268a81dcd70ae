// Runs the model that is explained: logits, margins and probabilities of token sequences, and the vector of an article.
// The inference graph is the one that predicts, so that the explanation is about that very prediction.
import type { InferenceSession } from '../../engine/runtime/session/index.ts';
import { computeProbabilities } from '../../foundation/metrics/index.ts';
import { type ModelFolder, runsAlone } from '../../foundation/records/index.ts';
import type { ArticleEncoder } from '../../text/tokenize/index.ts';
import { padBatch, planInferenceBatches } from '../predict/index.ts';

export class MarginScorer {
  readonly #session: InferenceSession;
  readonly #padId: number;
  readonly #info: ModelFolder;

  constructor(session: InferenceSession, { padId }: ArticleEncoder, info: ModelFolder) {
    this.#session = session;
    this.#padId = padId;
    this.#info = info;
  }

  /** The index of the winning class. @param ids [T] */
  async chooseLabel(ids: Int32Array): Promise<number> {
    const logits = await this.#computeLogits([ids]);
    return logits.indexOf(Math.max(...logits));
  }

  /** [C] The margin of a label is the sum of weight * logit: its calibrated logit minus the mean of the others'. */
  weighMargin(label: number): number[] {
    const { classNames, calibration } = this.#info;
    return classNames.map(
      (_, c) => (c === label ? 1 : -1 / (classNames.length - 1)) / calibration.temperature,
    );
  }

  /** @returns [N] the margin and the calibrated probability of `label` for each sequence */
  async score(
    sequences: readonly Int32Array[],
    label: number,
  ): Promise<{ margins: Float64Array; probabilities: Float64Array }> {
    const { classNames, calibration } = this.#info;
    const classes = classNames.length; // C
    const logits = await this.#computeLogits(sequences);
    const weights = this.weighMargin(label);
    const rows = sequences.map((_, row) => logits.subarray(row * classes, (row + 1) * classes));
    return {
      margins: Float64Array.from(rows, (row) => row.reduce((sum, logit, c) => sum + weights[c]! * logit, 0)),
      probabilities: Float64Array.from(
        rows,
        (row) => computeProbabilities(row, classes, calibration.temperature)[label]!,
      ),
    };
  }

  /** @returns [D]; undefined where the model gives no vectors */
  async embed(ids: Int32Array): Promise<Float32Array | undefined> {
    const { embedding } = await this.#run([ids]);
    return embedding?.data instanceof Float32Array ? embedding.data : undefined;
  }

  dispose(): Promise<void> {
    return this.#session.dispose();
  }

  /** @returns [N, C] in the order of the sequences */
  async #computeLogits(sequences: readonly Int32Array[]): Promise<Float64Array> {
    const classes = this.#info.classNames.length;
    const logits = new Float64Array(sequences.length * classes);
    const lengths = sequences.map(({ length }) => length);
    for (const rows of planInferenceBatches(lengths, { alone: runsAlone(this.#info.precision) })) {
      const outputs = await this.#run(rows.map((row) => sequences[row]!));
      const found = outputs.logits!.data as Float32Array; // [B, C]
      rows.forEach((row, at) => {
        logits.set(found.subarray(at * classes, (at + 1) * classes), row * classes);
      });
    }
    return logits;
  }

  #run(sequences: readonly Int32Array[]): ReturnType<InferenceSession['run']> {
    const inputs = Object.entries(padBatch(sequences, this.#padId)).filter(([name]) =>
      this.#session.inputNames.includes(name),
    );
    return this.#session.run(Object.fromEntries(inputs));
  }
}
