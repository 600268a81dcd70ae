// A model loaded into ONNX Runtime on the calling thread, over tensors in the processor's memory.
import { invariant } from '../../../foundation/core/index.ts';
import type { TensorData } from '../../graph/index.ts';
import {
  fromRuntimeTensor,
  loadRuntimeSession,
  type OnnxSessionOptions,
  type RuntimeSession,
  type RuntimeTensor,
  releaseSession,
  runSession,
  runtimeError,
  toRuntimeTensor,
} from './onnx-runtime.ts';
import { COPIES_END, endCopies, isEndOfCopies } from './outputs-in-place.ts';

export interface OnnxSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * @param outputs  arrays to write outputs into; outputs without one are allocated, outputs not named are computed
   *                 only if `outputs` is left out
   * @throws ENGINE_FAILED
   */
  run(inputs: Tensors, outputs?: Outputs): Promise<Record<string, TensorData>>;
  dispose(): Promise<void>;
}

/** A session on this thread, which may write a profile of its operators. */
export interface LocalSession extends OnnxSession {
  /** Writes the profile, where the session was created with one; later runs are not in it. */
  endProfile(): void;
}

type Tensors = Readonly<Record<string, TensorData>>;
type Outputs = Readonly<Record<string, TensorData | null>>;

/** @throws ENGINE_FAILED when the model cannot be loaded */
export async function createOnnxSession(
  model: string | Uint8Array,
  options: OnnxSessionOptions,
): Promise<LocalSession> {
  const session = await loadRuntimeSession(model, options);
  return new CopyingSession(session, options.profilePrefix !== undefined);
}

/**
 * A session that writes outputs into the caller's arrays and copies none (see outputs-in-place.ts): each run is given an
 * array for every output that it wants.
 * @throws ENGINE_FAILED when the model cannot be loaded
 */
export async function createInPlaceSession(
  model: Uint8Array,
  options: OnnxSessionOptions,
): Promise<LocalSession> {
  const session = await loadRuntimeSession(endCopies(model), options);
  return new InPlaceSession(session, options.profilePrefix !== undefined);
}

/** The runtime allocates the outputs that are given no array, and copies the others once more. */
class CopyingSession implements LocalSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly #session: RuntimeSession;
  #isProfiled: boolean;

  constructor(session: RuntimeSession, isProfiled: boolean) {
    this.#session = session;
    this.#isProfiled = isProfiled;
    this.inputNames = session.inputNames;
    this.outputNames = session.outputNames.filter((name) => name !== COPIES_END);
  }

  async run(inputs: Tensors, outputs?: Outputs): Promise<Record<string, TensorData>> {
    const feeds: Record<string, RuntimeTensor> = {};
    for (const [name, tensor] of Object.entries(inputs)) feeds[name] = toRuntimeTensor(tensor);
    try {
      return await this.compute(this.#session, feeds, outputs);
    } catch (error) {
      const shapes = Object.entries(inputs)
        .slice(0, 4)
        .map(([name, { shape }]) => `${name} [${shape.join(', ')}]`);
      throw runtimeError(`running on ${shapes.join(', ')}`, error);
    }
  }

  endProfile(): void {
    if (this.#isProfiled) this.#session.endProfiling();
    this.#isProfiled = false;
  }

  async dispose(): Promise<void> {
    this.endProfile();
    await releaseSession(this.#session);
  }

  protected async compute(
    session: RuntimeSession,
    feeds: Record<string, RuntimeTensor>,
    outputs: Outputs | undefined,
  ): Promise<Record<string, TensorData>> {
    const results = await runSession(session, feeds, outputs === undefined ? undefined : toFetches(outputs));
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [name, fromRuntimeTensor(tensor)]),
    );
  }
}

class InPlaceSession extends CopyingSession {
  protected override async compute(
    session: RuntimeSession,
    feeds: Record<string, RuntimeTensor>,
    outputs: Outputs = {},
  ): Promise<Record<string, TensorData>> {
    const given: Record<string, TensorData> = {};
    for (const [name, tensor] of Object.entries(outputs)) {
      invariant(tensor !== null, `no array for the output ${name}`);
      given[name] = tensor;
    }
    try {
      await runSession(session, feeds, { [COPIES_END]: null, ...toFetches(given) });
    } catch (error) {
      if (!isEndOfCopies(error)) throw error;
    }
    return given;
  }
}

function toFetches(outputs: Outputs): Record<string, RuntimeTensor | null> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => [name, tensor === null ? null : toRuntimeTensor(tensor)]),
  );
}
