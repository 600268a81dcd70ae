// The tokenizer classes of Python's transformers, as tokenizer_config.json names them (`tokenizer_class`), whose settings
// change ids. These are names in that file's format; they do not say which family a model belongs to.

interface ClassRules {
  /** Its do_lower_case, strip_accents and tokenize_chinese_chars win over tokenizer.json. */
  readonly ownsCase: boolean;
  /** Its add_prefix_space wins over tokenizer.json. */
  readonly ownsPrefixSpace: boolean;
}

const CASE: ClassRules = { ownsCase: true, ownsPrefixSpace: false };
const PREFIX_SPACE: ClassRules = { ownsCase: false, ownsPrefixSpace: true };
/** Other classes take tokenizer.json as it is. */
const NONE: ClassRules = { ownsCase: false, ownsPrefixSpace: false };

const CLASSES: readonly (readonly [RegExp, ClassRules])[] = [
  [/^(Distil)?BertTokenizer(Fast)?$/, CASE],
  [/^Roberta/, PREFIX_SPACE],
];

/** What a `tokenizer_class` means for ids. */
export function findClassRules(className: string): ClassRules {
  return CLASSES.find(([pattern]) => pattern.test(className))?.[1] ?? NONE;
}
