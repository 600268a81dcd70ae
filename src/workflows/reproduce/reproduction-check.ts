// The parts of a run that a reproduction verifies before it trains, and what was found of each.

export type ReproductionPart =
  | 'dataset'
  | 'configuration'
  | 'defaults'
  | 'pretrained model'
  | 'teacher'
  | 'collections'
  | 'program'
  | 'commit'
  | 'changes'
  | 'veracity'
  | 'node'
  | 'v8'
  | 'onnxruntime'
  | 'kernels'
  | 'libc'
  | 'machine kind'
  | 'machine'
  | 'threads'
  | 'device'
  | 'variables'
  | 'resumes';

/**
 * What a difference of a part can change. input: what is learned, and how. code: everything. numbers: the last bits of sums.
 * information: nothing.
 */
export type PartRole = 'input' | 'code' | 'numbers' | 'information';

export interface ReproductionCheck {
  readonly part: ReproductionPart;
  readonly role: PartRole;
  /** missing: without it, or with what lies in its place, the run cannot be trained again. */
  readonly status: 'equal' | 'differs' | 'not recorded' | 'missing';
  /** What the run recorded; null: nothing. */
  readonly before: string | null;
  /** What is found now; null: nothing. */
  readonly after: string | null;
}

/** Compares a value that was recorded with that of now. */
export function compareParts(
  part: ReproductionPart,
  role: PartRole,
  before: string | null | undefined,
  after: string | null,
): ReproductionCheck {
  const status =
    before === undefined || before === null ? 'not recorded' : before === after ? 'equal' : 'differs';
  return { part, role, status, before: before ?? null, after };
}

/** True where the run's numbers are expected bit for bit: nothing that decides bits is known to differ. */
export function expectsSameBits(checks: readonly ReproductionCheck[]): boolean {
  return checks.every(({ role, status }) => role !== 'numbers' || status !== 'differs');
}

/**
 * The parts that most likely explain a difference, the likeliest first.
 * @param isSmall  the numbers are near each other: then other sums are likelier than other code
 */
export function findLikelyCauses(checks: readonly ReproductionCheck[], isSmall: boolean): ReproductionPart[] {
  const order: readonly PartRole[] = isSmall ? ['numbers', 'code', 'input'] : ['input', 'code', 'numbers'];
  const pick = (status: ReproductionCheck['status']): ReproductionPart[] =>
    order.flatMap((wanted) =>
      checks.filter((check) => check.role === wanted && check.status === status).map(({ part }) => part),
    );
  const differing = pick('differs');
  return differing.length > 0 ? differing : pick('not recorded');
}
