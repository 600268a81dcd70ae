// Types of the requests and responses of the HTTP API. The file imports nothing, so that browsers can use it. A test
// compares each type with the schema that the server checks and documents.

/** Title and text; one of them may be left out where the model was trained without it (`columns` of getModel). */
export interface Article {
  readonly title?: string | undefined;
  readonly text?: string | undefined;
}

/** The prediction for one article. */
export interface ArticlePrediction {
  /** The most probable class, also when the model abstains. */
  readonly label: string;
  /** Calibrated probability of `label`. */
  readonly probability: number;
  readonly probabilities: Readonly<Record<string, number>>;
  /** True if the model abstains because the probability is too low: show "not sure". */
  readonly abstained: boolean;
  readonly modelVersion: string;
  /** The id of the receipt, for getPrediction and sendFeedback; null: the server keeps no receipt of this prediction. */
  readonly predictionId: string | null;
  /** Plain sentences that a reader of the prediction should know. */
  readonly warnings: readonly string[];
  /** The same warnings, in the same order, as codes and numbers. */
  readonly warningFacts: readonly WarningFact[];
}

/** What `tokens` counts: tokens of a tokenizer, or words and word groups. */
export type CountedUnit = 'tokens' | 'features';

/** Something unusual about an article. Later versions may add codes: show `message` for a code that you do not know. */
export type WarningFact =
  | {
      readonly code: 'ARTICLE_SHORT';
      readonly tokens: number;
      /** What nearly all training articles have at least. */
      readonly usualTokens: number;
      readonly unit: CountedUnit;
      readonly message: string;
    }
  | {
      readonly code: 'ARTICLE_TRUNCATED';
      /** What the whole article has. */
      readonly articleTokens: number;
      /** Most that the model reads. */
      readonly maxTokens: number;
      /** Which part it read. */
      readonly kept: 'head' | 'head+tail';
      readonly unit: CountedUnit;
      readonly message: string;
    }
  /** The text is only a web or mail address: the title alone was read. */
  | { readonly code: 'TEXT_ONLY_ADDRESS'; readonly message: string }
  | {
      readonly code: 'OUT_OF_DISTRIBUTION_LETTERS';
      /** Mean log2 probability of the article's letter pairs. */
      readonly score: number;
      /** The lowest that counts as usual. */
      readonly lowest: number;
      readonly message: string;
    }
  | {
      readonly code: 'OUT_OF_DISTRIBUTION_DISTANCE';
      /** embedding: standard deviations to the nearest class; features: share of features unseen in training. */
      readonly kind: 'embedding' | 'features';
      readonly distance: number;
      /** The highest that counts as usual. */
      readonly highest: number;
      readonly message: string;
    };

interface RequestFacts {
  readonly requestId: string;
  readonly latencyMs: number;
}

/** One article, and what the response should add to its prediction. */
export interface PredictRequest extends Article {
  /** Add an explanation of the prediction. */
  readonly explain?: boolean | undefined;
  /** How many of the most similar training articles to add; true means 5. */
  readonly similar?: boolean | number | undefined;
}

export interface PredictResponse extends ArticlePrediction, RequestFacts {
  readonly explanation?: Explanation | undefined;
  /** null if this model version has no index of its training articles. */
  readonly similar?: readonly SimilarArticle[] | null | undefined;
}

/** A part of the title or the text; offsets count UTF-16 units of the field as it was sent. */
export interface Passage {
  readonly field: 'title' | 'text';
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export interface InfluentialPassage extends Passage {
  /** How far the label's probability falls without it; negative if it rises; null if not tried. */
  readonly influence: number | null;
  /** How far the margin falls without it. */
  readonly marginInfluence: number | null;
  /** Its share of gradients.margin - gradients.baselineMargin by integrated gradients; null without gradients. */
  readonly gradient: number | null;
}

export interface Explanation {
  readonly schemaVersion: 1;
  readonly label: string;
  readonly probability: number;
  /** The logit of the label minus the mean of the other logits; with two classes, the log-odds. */
  readonly margin: number;
  readonly sentences: readonly InfluentialPassage[];
  readonly words: readonly (InfluentialPassage & { readonly sentence: number })[];
  /** Parts that the model did not read: removed by cleaning, or beyond its maximum length. */
  readonly unread: readonly Passage[];
  readonly occlusion: { readonly variants: number; readonly wordsTried: number; readonly wordsTotal: number };
  /** Plain sentences that a reader of the explanation should know. */
  readonly warnings: readonly string[];
  /** The same as facts. GRADIENTS_UNAVAILABLE: the weight `missing`, and `others`, cannot be read. */
  readonly warningFacts: readonly {
    readonly code: 'GRADIENTS_UNAVAILABLE';
    readonly missing: string;
    readonly others: number;
    readonly message: string;
  }[];
  readonly gradients: {
    readonly method: 'exact' | 'integrated';
    readonly baseline: 'nothing' | 'mask';
    /** dequantised: 8-bit weights converted to floats; their margin differs slightly from that of the prediction. */
    readonly weights: 'own' | 'dequantised';
    /** The margin that these weights give. */
    readonly margin: number;
    readonly baselineMargin: number;
    readonly steps: number;
    readonly gap: number;
  } | null;
}

/** A training article that is similar to the predicted one. */
export interface SimilarArticle {
  readonly title: string;
  readonly source: string | null;
  readonly label: string;
  /** Cosine similarity, from -1 to 1. */
  readonly similarity: number;
}

export interface PredictManyResponse extends RequestFacts {
  /** In the order of the articles. */
  readonly predictions: readonly (ArticlePrediction & { readonly id?: string | undefined })[];
  readonly modelVersion: string;
}

/** The receipt of a prediction. */
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
  readonly measures: ArticleMeasures;
  readonly warnings: readonly string[];
  /** UNCODED: a warning that an earlier version kept as a sentence only. */
  readonly warningFacts: readonly (WarningFact | { readonly code: 'UNCODED'; readonly message: string })[];
  /** Present only if the server keeps articles. */
  readonly article?: { readonly title: string; readonly text: string } | undefined;
}

/** The numbers measured on an article; null where they were not. */
export interface ArticleMeasures {
  /** What the model read. */
  readonly tokens: number;
  /** What the whole article has. */
  readonly articleTokens: number | null;
  readonly truncated: boolean;
  /** Mean log2 probability of its letter pairs. */
  readonly letterScore: number | null;
  /** Its distance from the training articles, in the unit of OUT_OF_DISTRIBUTION_DISTANCE. */
  readonly distance: number | null;
}

/** Feedback on a prediction; at least one of label, agrees and comment is required. */
export interface FeedbackRequest {
  /** The predictionId of the prediction. */
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
  /** The file in a zip archive; absent outside of one. */
  readonly file?: string | undefined;
  /** Line of the file, from 1. */
  readonly line: number;
  readonly id?: string | undefined;
  /** The row's values of all columns that are neither title nor text nor id. */
  readonly row?: Readonly<Record<string, unknown>> | undefined;
}

/** What was not as expected about a column of a file. */
export type ColumnNoteFact = {
  readonly role: 'title' | 'text' | 'id';
  /** The sentence. */
  readonly message: string;
} & (
  | {
      /** It has another of the expected names, or one that differs in case. */
      readonly code: 'COLUMN_OTHER_NAME' | 'COLUMN_OTHER_CASE';
      readonly column: string;
      readonly expected: string;
    }
  /** Articles were read without this part. */
  | { readonly code: 'COLUMN_MISSING'; readonly expected: string }
  /** COLUMN_NOT_READ: the model was trained without this part. COLUMN_REPEATED: the first of its name was read. */
  | { readonly code: 'COLUMN_NOT_READ' | 'COLUMN_REPEATED'; readonly column: string }
);

/** What else was not as expected about a file whose rows could be read. */
export type FileNoteFact = { readonly message: string } & (
  | { readonly code: 'NOT_A_NUMBER' | 'COMMA_EXTRA'; readonly rows: number }
  | {
      readonly code: 'LINES_JOINED';
      readonly rows: number;
      readonly line: number;
      readonly lastLine: number;
    }
  /** Text that is not UTF-8 was read in the most likely encoding. */
  | { readonly code: 'ENCODING_ASSUMED'; readonly encoding: string }
  /** The file is of another format than its name or the request says. */
  | { readonly code: 'FORMAT_FOUND'; readonly format: 'csv' | 'jsonl' | 'parquet' }
  /** A column of Parquet holds lists or records, and was not read. */
  | { readonly code: 'COLUMN_NESTED'; readonly column: string }
  /** Files in an archive were not read, because their names are not those of data: the first of them, and how many. */
  | { readonly code: 'MEMBERS_LEFT_OUT'; readonly members: readonly string[]; readonly count: number }
  /** Several columns that are passed through have this name; all but the first got a number. */
  | { readonly code: 'COLUMN_RENAMED'; readonly column: string; readonly times: number }
);

/** One line of the response to a file; the last line is `done` or `failed`. */
export type BatchLine =
  | ({ readonly type: 'verdict' } & Place & ArticlePrediction)
  | ({
      readonly type: 'rejected';
      readonly error: { readonly code: string; readonly message: string };
    } & Place)
  | ({ readonly type: 'progress'; readonly bytes: number } & Counts)
  | ({
      readonly type: 'done';
      readonly seconds: number;
      /** The columns that were read; null: none. */
      readonly columns: {
        readonly title: string | null;
        readonly text: string | null;
        readonly id: string | null;
      };
      readonly columnNotes: readonly ColumnNoteFact[];
      readonly fileNotes: readonly FileNoteFact[];
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

/** Changes of the served model version, and the versions that run beside it. */
export interface Rollout {
  /** The last change of the live version. */
  readonly change: {
    readonly version: string;
    readonly outcome: 'loading' | 'switched' | 'failed';
    readonly at: string;
    readonly code: string | null;
  } | null;
  /** The version that serves a share of the clients. */
  readonly canary: {
    readonly version: string;
    readonly state: 'loading' | 'running' | 'returned' | 'failed';
    readonly share: number;
    readonly at: string;
    readonly reason: 'errors' | 'latency' | null;
    readonly code: string | null;
  } | null;
  /** The version whose predictions are compared but never sent. */
  readonly shadow: {
    readonly version: string;
    readonly state: 'loading' | 'running' | 'failed';
    readonly at: string;
    readonly compared: number;
    readonly disagreed: number;
    readonly code: string | null;
  } | null;
}

/** How often the model is right on a collection from another source. */
interface ElsewhereFacts {
  readonly collection: string;
  readonly accuracy: number;
  /** Accuracy of always naming the larger class there. */
  readonly guessing: number;
  /** Whether the whole 95% interval of the accuracy lies above guessing. */
  readonly beatsGuessing: boolean;
  readonly message: string;
}

/** Something the model cannot do. Later versions may add codes: show `message` for a code that you do not know. */
export type LimitFact =
  | {
      readonly code: 'WRITING_NOT_TRUTH' | 'SYNTHETIC_TRAINING' | 'NOT_MEASURED_ELSEWHERE';
      readonly message: string;
    }
  | { readonly code: 'SMALL_TEST_SPLIT'; readonly articles: number; readonly message: string }
  | (ElsewhereFacts & {
      readonly code: 'OTHER_SOURCE_LOWER' | 'OTHER_SOURCE_ALIKE';
      /** Accuracy on the model's own test split. */
      readonly ownAccuracy: number;
    })
  | (ElsewhereFacts & { readonly code: 'OTHER_SOURCE_ONLY' })
  | {
      readonly code: 'READS_PART';
      readonly maxTokens: number;
      readonly kept: 'head' | 'head+tail';
      readonly unit: CountedUnit;
      readonly message: string;
    }
  /** It abstains below this probability. */
  | { readonly code: 'ABSTAINS'; readonly below: number; readonly message: string }
  | {
      readonly code: 'PRECISION_NOT_REACHED';
      readonly wanted: number;
      readonly precision: number;
      readonly message: string;
    };

/** The columns of the training file by their roles; null where it had none. */
export interface TrainingColumns {
  readonly title: string | null;
  readonly text: string | null;
  readonly label: string | null;
  readonly source: string | null;
  readonly date: string | null;
  readonly id: string | null;
}

/** Facts about the served model: its figures (metrics of its evaluation reports) and its limits. */
export interface ModelFacts {
  readonly modelVersion: string;
  readonly model: string;
  readonly runId: string;
  readonly createdAt: string;
  readonly dataset: { readonly name: string; readonly version: string; readonly synthetic: boolean };
  /** What its texts are called: "complaint", "complaints", "a complaint". */
  readonly noun: { readonly one: string; readonly many: string; readonly any: string };
  /** Language of its texts as a BCP 47 tag; null: unknown, or several. */
  readonly language: string | null;
  readonly classNames: readonly string[];
  /** null: an early version, which did not record them. */
  readonly columns: TrainingColumns | null;
  /** How the training file was read; null: an early version. A setting that is null was found from the file. */
  readonly reading: {
    readonly encoding: string | null;
    readonly separator: string | null;
    readonly quotes: boolean | null;
  } | null;
  readonly parameterCount: number;
  readonly maxTokens: number;
  readonly calibration: { readonly temperature: number; readonly abstainBelow: number };
  readonly inSource: Figures | null;
  readonly outOfSource: readonly Figures[];
  /** Limits of the model, as sentences; the most serious first. */
  readonly limits: readonly string[];
  /** The same limits, in the same order, as codes and numbers. */
  readonly limitFacts: readonly LimitFact[];
  /** Versions of the served model, newest first; empty if the model is served from a folder. */
  readonly versions: readonly VersionFacts[];
  readonly rollout: Rollout;
}

export interface VersionFacts {
  readonly modelVersion: string;
  readonly createdAt: string;
  readonly stages: readonly string[];
  /** Accuracy on its own test split; null if not measured. */
  readonly inSource: number | null;
  /** Mean accuracy on collections from other sources; null if not measured. */
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
  /** Whether the articles are invented. */
  readonly synthetic: boolean;
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
  readonly outputs?: readonly {
    readonly name: 'label' | 'probability' | 'probabilities' | 'abstained' | 'prediction_id';
    /** For probabilities: how many classes to name, the likeliest first, as texts "probability:index:class". */
    readonly parameters?: { readonly classification?: number };
  }[];
}

export interface InferResponse {
  readonly model_name: string;
  readonly model_version: string;
  readonly id?: string | undefined;
  readonly outputs: readonly (TensorDescription & {
    /** class_names: the JSON text of a list. */
    readonly parameters?: { readonly class_names?: string | undefined } | undefined;
    readonly data: readonly (string | number | boolean)[];
  })[];
}

/** The response of /readyz. */
export interface Readiness {
  readonly status: 'ready';
  readonly modelVersion: string;
  /** What is lost at the moment, although predictions go on. */
  readonly incidents: readonly Incident[];
}

export interface Incident {
  readonly code: 'RECEIPTS_LOST' | 'FEEDBACK_LOST' | 'LOG_LINES_LOST' | 'CONNECTIONS_REFUSED';
  /** When it began, as an ISO date. */
  readonly since: string;
  readonly lost: number;
  /** How many are kept in memory until the disk takes them. */
  readonly waiting: number;
  /** Error code of the operating system, such as ENOSPC. */
  readonly reason: string;
  readonly message: string;
  /** What to do. */
  readonly advice: string;
}
