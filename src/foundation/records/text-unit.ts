// The unit in which a model counts an article: tokens of its tokenizer, or features (hashed words and word groups).
import { z } from 'zod';

export const textUnitSchema = z.enum(['tokens', 'features']);
export type TextUnit = z.infer<typeof textUnitSchema>;
