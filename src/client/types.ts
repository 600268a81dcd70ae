// What goes over the wire, as TypeScript: nothing is imported, so that browsers can. A test holds every type against
// the schema that the server checks and documents.

export interface Article {
  readonly title: string;
  readonly text: string;
}

/** One article's verdict. */
export interface Answer {
  /** The winning class, also when the model abstains. */
  readonly label: string;
  /** Calibrated probability of `label`. */
  readonly probability: number;
  readonly probabilities: Readonly<Record<string, number>>;
  /** Read as "not sure". */
  readonly abstained: boolean;
  readonly modelVersion: string;
  /** Names this answer: for getPrediction and sendFeedback. */
  readonly predictionId: string;
  /** Plain sentences about what to mind. */
  readonly warnings: readonly string[];
}

interface About {
  readonly requestId: string;
  readonly latencyMs: number;
}

/** One article, and what else to say about its verdict. */
export interface PredictRequest extends Article {
  /** Say what the answer rests on. */
  readonly explain?: boolean | undefined;
  /** How many of the nearest training articles to name; true: 5. */
  readonly similar?: boolean | number | undefined;
}

export interface Verdict extends Answer, About {
  readonly explanation?: Explanation | undefined;
  /** null: the model's version keeps no index. */
  readonly similar?: readonly SimilarArticle[] | null | undefined;
}

/** Places are UTF-16 units of the title or the text as it was sent. */
export interface Passage {
  readonly field: 'title' | 'text';
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export interface InfluentialPassage extends Passage {
  /** How much the label's probability falls without it; negative: it speaks against the label. null: not tried. */
  readonly influence: number | null;
  /** The same of the margin. */
  readonly marginInfluence: number | null;
  /** Share of gradients.margin - baselineMargin by integrated gradients; null: no gradients. */
  readonly gradient: number | null;
}

export interface Explanation {
  readonly schemaVersion: 1;
  readonly label: string;
  readonly probability: number;
  /** Logit of the label minus the mean of the others': with two classes the log-odds. */
  readonly margin: number;
  readonly sentences: readonly InfluentialPassage[];
  readonly words: readonly (InfluentialPassage & { readonly sentence: number })[];
  /** Not judged: cleaned away, or too far behind. */
  readonly unread: readonly Passage[];
  readonly occlusion: { readonly variants: number; readonly wordsTried: number; readonly wordsTotal: number };
  /** What to mind about it. */
  readonly warnings: readonly string[];
  readonly gradients: {
    readonly method: 'exact' | 'integrated';
    readonly baseline: 'nothing' | 'mask';
    /** dequantised: of 8-bit weights as floats, whose margin is not quite that of the answer. */
    readonly weights: 'own' | 'dequantised';
    /** By these weights. */
    readonly margin: number;
    readonly baselineMargin: number;
    readonly steps: number;
    readonly gap: number;
  } | null;
}

/** An article that the model learned from. */
export interface SimilarArticle {
  readonly title: string;
  readonly source: string | null;
  readonly label: string;
  /** From -1 to 1. */
  readonly similarity: number;
}

export interface Verdicts extends About {
  /** In the order of the articles. */
  readonly predictions: readonly (Answer & { readonly id?: string | undefined })[];
  readonly modelVersion: string;
}

/** The receipt of an answer. */
export interface PredictionReceipt {
  readonly schemaVersion: 1;
  readonly id: string;
  readonly createdAt: string;
  /** Model version, run, dataset version. */
  readonly parents: readonly string[];
  readonly requestId: string;
  readonly route: string;
  readonly modelVersion: string;
  readonly runId: string;
  readonly datasetVersion: string;
  readonly configurationDigest: string | null;
  /** sha256 of {"text":…,"title":…} as JSON without white space. */
  readonly contentSha256: string;
  readonly tokens: number;
  readonly truncated: boolean;
  readonly label: string;
  readonly probability: number;
  readonly probabilities: Readonly<Record<string, number>>;
  readonly abstained: boolean;
  readonly warnings: readonly string[];
  /** Only where the server keeps articles. */
  readonly article?: Article | undefined;
}

/** At least one of label, agrees and comment. */
export interface FeedbackRequest {
  /** predictionId of the answer. */
  readonly id: string;
  /** A class name of the model. */
  readonly label?: string | undefined;
  readonly agrees?: boolean | undefined;
  readonly comment?: string | undefined;
  readonly reviewer?: string | undefined;
}

export interface FeedbackReceived {
  readonly id: string;
  readonly createdAt: string;
}

/** RFC 9457 problem document. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Stable; docs/errors.md describes each. */
  readonly code: string;
  readonly hint: string;
  readonly requestId: string;
  readonly issues?:
    | readonly { readonly path: string; readonly code: string; readonly message: string }[]
    | undefined;
}

interface Counts {
  readonly rows: number;
  readonly judged: number;
  readonly rejected: number;
}

interface Place {
  /** Line of the file, from 1. */
  readonly line: number;
  readonly id?: string | undefined;
}

/** One line of the answer to a file; the last is `done` or `failed`. */
export type BatchLine =
  | ({ readonly type: 'verdict' } & Place & Answer)
  | ({
      readonly type: 'rejected';
      readonly error: { readonly code: string; readonly message: string };
    } & Place)
  | ({ readonly type: 'progress'; readonly bytes: number } & Counts)
  | ({
      readonly type: 'done';
      readonly seconds: number;
      readonly modelVersion: string;
      readonly requestId: string;
    } & Counts)
  | ({ readonly type: 'failed'; readonly problem: Problem } & Counts);

export interface LoadedModel {
  readonly version: string;
  readonly model: string;
  readonly run: string;
  readonly datasetVersion: string;
  readonly dataset: string;
  readonly parameters: number;
  readonly classNames: readonly string[];
  readonly rollout: Rollout;
}

/** Versions that come and go beside the one that answers. */
export interface Rollout {
  /** The last that was to take over. */
  readonly change: {
    readonly version: string;
    readonly outcome: 'loading' | 'switched' | 'failed';
    readonly at: string;
    readonly code: string | null;
  } | null;
  /** Answers a share of the clients. */
  readonly canary: {
    readonly version: string;
    readonly state: 'loading' | 'running' | 'returned' | 'failed';
    readonly share: number;
    readonly at: string;
    readonly reason: 'errors' | 'latency' | null;
    readonly code: string | null;
  } | null;
  /** Answers too, without counting. */
  readonly shadow: {
    readonly version: string;
    readonly state: 'loading' | 'running' | 'failed';
    readonly at: string;
    readonly compared: number;
    readonly disagreed: number;
    readonly code: string | null;
  } | null;
}

/** The model, its figures (a report's metrics and intervals by name) and its limits. */
export interface ModelFacts {
  readonly modelVersion: string;
  readonly model: string;
  readonly runId: string;
  readonly createdAt: string;
  readonly dataset: { readonly name: string; readonly version: string; readonly synthetic: boolean };
  readonly classNames: readonly string[];
  readonly parameterCount: number;
  readonly maxTokens: number;
  readonly calibration: { readonly temperature: number; readonly abstainBelow: number };
  readonly inSource: Figures | null;
  readonly outOfSource: readonly Figures[];
  readonly limits: readonly string[];
  /** Of the served model, newest first; empty where it was served from a folder. */
  readonly versions: readonly VersionFacts[];
  readonly rollout: Rollout;
}

export interface VersionFacts {
  readonly modelVersion: string;
  readonly createdAt: string;
  readonly stages: readonly string[];
  /** Accuracy on its own test articles; null where it was not measured. */
  readonly inSource: number | null;
  /** Mean accuracy on collections from elsewhere; null where it was not measured. */
  readonly outOfSource: number | null;
}

export interface Figures {
  readonly collection: string;
  readonly outOfSource: boolean;
  readonly synthetic: boolean;
  readonly n: number;
  readonly metrics: { readonly accuracy: number; readonly macroF1: number; readonly ece: number };
}

export interface Examples {
  readonly synthetic: true;
  readonly examples: readonly {
    readonly id: string;
    readonly title: string;
    readonly text: string;
    readonly label: string;
    readonly source: string;
  }[];
}

export interface TextClassificationRequest {
  readonly inputs: string | readonly string[];
  readonly parameters?: {
    readonly top_k?: number | null;
    readonly function_to_apply?: 'softmax' | null;
  } | null;
}
export type TextClassification = readonly (readonly { readonly label: string; readonly score: number }[])[];

export interface InferenceServer {
  readonly name: string;
  readonly version: string;
  readonly extensions: readonly string[];
}

export interface TensorDescription {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

export interface InferenceModel {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorDescription[];
  readonly outputs: readonly TensorDescription[];
}

export interface InferRequest {
  readonly id?: string;
  readonly inputs: readonly {
    readonly name: 'title' | 'text';
    readonly shape: readonly number[];
    readonly datatype: 'BYTES';
    readonly data: readonly (string | readonly string[])[];
  }[];
  readonly outputs?: readonly { readonly name: string }[];
}

export interface InferResponse {
  readonly model_name: string;
  readonly model_version: string;
  readonly id?: string | undefined;
  readonly outputs: readonly (TensorDescription & {
    readonly parameters?: Readonly<Record<string, string>> | undefined;
    readonly data: readonly (string | number | boolean)[];
  })[];
}
